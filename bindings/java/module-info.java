// SPDX-License-Identifier: MIT

/** Message queues in shared memory, for the programs of one machine. */
module io.interprocess {
  exports io.interprocess;
}
