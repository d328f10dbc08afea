// SPDX-License-Identifier: MIT

package io.interprocess;

import java.lang.ref.Reference;
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

  /** Copies the next message to a new array; null if there is none now. */
  byte[] tryTake() {
    Staging staging = subscriber.staging();
    byte[] message = FaceCalls.tryDequeueNewArray(face, staging.handedOut());
    if (message == null) {
      subscriber.succeeded(staging.newArrayResult());
    }
    Reference.reachabilityFence(staging);
    Reference.reachabilityFence(subscriber);
    return message;
  }

  /** Copies the next message to a new array, waiting for it; null if there was none in time. */
  byte[] take(long timeout) throws InterruptedException {
    Waits.checkInterrupt();
    byte[] message = tryTake();
    if (message != null || timeout == 0) {
      return message;
    }
    Staging staging = subscriber.staging();
    byte[][] taken = new byte[1][];
    long result =
        subscriber.waits.run(
            timeout,
            (left, interrupt) -> {
              taken[0] = FaceCalls.dequeueNewArray(face, staging.handedOut(), left, interrupt);
              return taken[0] != null ? 0 : staging.newArrayResult();
            });
    subscriber.succeeded(result);
    Reference.reachabilityFence(staging);
    Reference.reachabilityFence(subscriber);
    return taken[0];
  }

  /**
   * Copies the next message to a slice of an array. Returns its size, or -1 if there is none now.
   */
  int tryTake(byte[] target, int offset, int length, MessageInfo info) {
    return size(subscriber.staging().take(face, target, offset, length), length, info);
  }

  /** Copies the next message, waiting for it. Returns its size, or -1 if there was none in time. */
  int take(byte[] target, int offset, int length, long timeout, MessageInfo info)
      throws InterruptedException {
    Waits.checkInterrupt();
    int size = tryTake(target, offset, length, info);
    if (size >= 0 || timeout == 0) {
      return size;
    }
    Staging staging = subscriber.staging();
    long result =
        subscriber.waits.run(
            timeout,
            (left, interrupt) ->
                FaceCalls.dequeueArray(
                    face, target, offset, length, left, interrupt, staging.handedOut()));
    Reference.reachabilityFence(staging);
    return size(result, length, info);
  }

  /**
   * Copies the next message to a buffer and moves the buffer's position behind it. Returns its
   * size, or -1 if there is none now.
   */
  int tryTake(ByteBuffer target, MessageInfo info) {
    int position = target.position();
    int room = target.remaining();
    int size;
    if (target.isReadOnly()) {
      throw new ReadOnlyBufferException();
    } else if (target.isDirect()) {
      size = size(subscriber.staging().take(face, target, position, room), room, info);
      Reference.reachabilityFence(target);
    } else {
      size = tryTake(target.array(), target.arrayOffset() + position, room, info);
    }
    return moveBehind(target, position, size);
  }

  /**
   * Copies the next message to a buffer, waiting for it, and moves the buffer's position behind it.
   * Returns its size, or -1 if there was none in time.
   */
  int take(ByteBuffer target, long timeout, MessageInfo info) throws InterruptedException {
    Waits.checkInterrupt();
    int size = tryTake(target, info);
    if (size >= 0 || timeout == 0) {
      return size;
    }
    int position = target.position();
    int room = target.remaining();
    if (target.isDirect()) {
      Staging staging = subscriber.staging();
      long result =
          subscriber.waits.run(
              timeout,
              (left, interrupt) ->
                  FaceCalls.dequeueBuffer(
                      face, target, position, room, left, interrupt, staging.handedOut()));
      Reference.reachabilityFence(staging);
      size = size(result, room, info);
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

  /** Returns the size of the message that this thread's last native call copied, or -1. */
  private int size(long result, int room, MessageInfo info) {
    int size = -1;
    if (result >= 0) {
      size = (int) Results.size(result);
      if (info != null) {
        info.set(result, subscriber.staging().copiedPosition());
      }
    } else if (Results.code(result) == Results.OUT_OF_RANGE) {
      long needed = Results.neededSize(result);
      if (info != null) {
        info.set(needed, 0);
      }
      throw new BufferTooSmallException(needed, room);
    } else {
      subscriber.succeeded(result);
    }
    Reference.reachabilityFence(subscriber);
    return size;
  }
}
