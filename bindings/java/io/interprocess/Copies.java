package io.interprocess;

import java.lang.ref.Reference;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;

/** Takes the messages of a subscriber by copying them to the caller's memory. */
final class Copies {
  private final Subscriber subscriber;
  private final FaceSubscriber face;

  Copies(Subscriber subscriber, FaceSubscriber face) {
    this.subscriber = subscriber;
    this.face = face;
  }

  /** To a new array; null if there is none now. */
  byte[] tryTake() {
    byte[] message = FaceCalls.tryDequeueNewArray(face);
    Reference.reachabilityFence(subscriber);
    return message;
  }

  /** The same, waiting; null if there was none in time. */
  byte[] take(long timeout) throws InterruptedException {
    Waits.checkInterrupt();
    byte[] message = tryTake();
    if (message != null || timeout == 0) {
      return message;
    }
    byte[][] taken = new byte[1][];
    subscriber.waits.run(
        timeout,
        (left, interrupt) -> {
          taken[0] = FaceCalls.dequeueNewArray(face, left, interrupt);
          return taken[0] != null || left == 0 ? 0 : -Results.CANCELLED; // or its time was over
        });
    Reference.reachabilityFence(subscriber);
    return taken[0];
  }

  /** To a slice that the array has; the size, or -1 if there is none now. */
  int tryTake(byte[] target, int offset, int length, MessageInfo info) {
    return size(subscriber.staging().take(face, target, offset, length), info);
  }

  /** The same, waiting; -1 if there was none in time. */
  int take(byte[] target, int offset, int length, long timeout, MessageInfo info)
      throws InterruptedException {
    Waits.checkInterrupt();
    int size = tryTake(target, offset, length, info);
    if (size >= 0 || timeout == 0) {
      return size;
    }
    long result =
        subscriber.waits.run(
            timeout,
            (left, interrupt) ->
                FaceCalls.dequeueArray(face, target, offset, length, left, interrupt));
    return size(result, info);
  }

  /** To a buffer, whose position moves behind it; the size, or -1 if there is none now. */
  int tryTake(ByteBuffer target, MessageInfo info) {
    int position = target.position();
    int room = target.remaining();
    int size;
    if (target.isReadOnly()) {
      throw new ReadOnlyBufferException();
    } else if (target.isDirect()) {
      size = size(subscriber.staging().take(face, target, position, room), info);
      Reference.reachabilityFence(target);
    } else {
      size = tryTake(target.array(), target.arrayOffset() + position, room, info);
    }
    return moveBehind(target, position, size);
  }

  /** The same, waiting; -1 if there was none in time. */
  int take(ByteBuffer target, long timeout, MessageInfo info) throws InterruptedException {
    Waits.checkInterrupt();
    int size = tryTake(target, info);
    if (size >= 0 || timeout == 0) {
      return size;
    }
    int position = target.position();
    int room = target.remaining();
    if (target.isDirect()) {
      long result =
          subscriber.waits.run(
              timeout,
              (left, interrupt) ->
                  FaceCalls.dequeueBuffer(face, target, position, room, left, interrupt));
      size = size(result, info);
      Reference.reachabilityFence(target);
    } else {
      size = take(target.array(), target.arrayOffset() + position, room, timeout, info);
    }
    return moveBehind(target, position, size);
  }

  private static int moveBehind(ByteBuffer target, int position, int size) {
    if (size > 0) {
      target.position(position + size);
    }
    return size;
  }

  private int size(long result, MessageInfo info) {
    int size = -1;
    if (result >= 0) {
      size = (int) Results.size(result);
      if (info != null) {
        info.set(result);
      }
    } else if (Results.code(result) == Results.OUT_OF_RANGE) {
      if (info != null) {
        info.set(Results.neededSize(result));
      }
      throw new BufferOverflowException();
    } else {
      subscriber.went(result);
    }
    Reference.reachabilityFence(subscriber);
    return size;
  }
}
