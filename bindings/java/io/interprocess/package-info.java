/**
 * Queues in shared memory, for the programs of one machine: any number of publishers and
 * subscribers, each message to exactly one subscriber. Start at {@link io.interprocess.Publisher}
 * and {@link io.interprocess.Subscriber}.
 */
package io.interprocess;
