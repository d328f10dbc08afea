// SPDX-License-Identifier: MIT

/**
 * Message queues in shared memory for the programs of one machine. A queue has any number of
 * publishers and subscribers, and each message goes to one subscriber. Start at {@link
 * io.interprocess.Publisher} and {@link io.interprocess.Subscriber}.
 */
package io.interprocess;
