package io.interprocess;

/** Deals with messages that {@link Subscriber#drain} hands to it. */
@FunctionalInterface
public interface MessageHandler {
  /**
   * Deals with one message. It is taken off the queue when this returns; when it throws, the message
   * is given back and delivered again, later than the messages behind it.
   *
   * @param message valid only within this call and this thread; used after it, it throws {@link
   *     IllegalStateException}. The next call may get the same object.
   */
  void handle(Message message);
}
