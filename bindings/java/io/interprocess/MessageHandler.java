// SPDX-License-Identifier: MIT

package io.interprocess;

/** Handles messages, as {@link Subscriber#dequeueBatch} passes them. */
@FunctionalInterface
public interface MessageHandler {
  /**
   * Handles one message. The message is taken off the queue when this method returns. If it throws,
   * the message is given back, and is delivered again later than the messages behind it.
   *
   * @param message valid only in this call and this thread; used later, it throws {@link
   *     IllegalStateException}. The next call may get the same object.
   */
  void handle(Message message);
}
