// SPDX-License-Identifier: MIT

package io.interprocess;

/** The wire format of a queue. All processes that share a queue use the same format. */
public enum Protocol {
  /** This project's own format. */
  NATIVE(0),
  /** The format of the .NET library Cloudtoid.Interprocess 2.x. */
  CLOUDTOID_V2(2),
  /** The format of Cloudtoid.Interprocess 3.x and of its ports to other languages. */
  CLOUDTOID_V3(3),
  /** Version 2 as the Yellow Dog Man fork uses it: in other folders, without locks. */
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
