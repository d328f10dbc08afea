// SPDX-License-Identifier: MIT

package io.interprocess;

/** Which users may open a queue that is made now. */
public enum Access {
  /** Only its owner: file mode 0600. */
  OWNER(0),
  /** Its owner and group: 0660. */
  GROUP(1),
  /** Every user of the machine: 0666. */
  EVERYONE(2);

  private final int number;

  Access(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }
}
