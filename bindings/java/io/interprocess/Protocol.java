package io.interprocess;

/** The wire format of a queue. Processes that share a queue use the same one. */
public enum Protocol {
  /** This project's own. */
  NATIVE(0),
  /** That of the .NET library Cloudtoid.Interprocess 2.x. */
  CLOUDTOID_V2(2),
  /** That of Cloudtoid.Interprocess 3.x, and of its ports to other languages. */
  CLOUDTOID_V3(3),
  /** Version 2 as the Yellow Dog Man fork has it: other folders, no locks. */
  CLOUDTOID_V2_FORK(4);

  private final int number;

  Protocol(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }

  static Protocol of(int number) {
    for (Protocol protocol : values()) {
      if (protocol.number == number) {
        return protocol;
      }
    }
    throw new IllegalArgumentException("protocol " + number);
  }
}
