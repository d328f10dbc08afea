// SPDX-License-Identifier: MIT

package io.interprocess;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** A batch of messages, one behind the other in one array: see bindings/face/frames.h. */
final class Frames {
  private final ByteBuffer bytes;
  private int count = 0;

  /** Copies the messages. Throws if they do not fit in an array. */
  Frames(List<byte[]> messages) {
    long size = 0;
    for (byte[] message : messages) {
      size += Long.BYTES + padded(message.length);
    }
    if (size > Integer.MAX_VALUE) {
      throw new QueueException(
          QueueException.Code.INVALID_ARGUMENT, "a batch of " + size + " bytes, more than 2 GiB");
    }
    bytes = ByteBuffer.allocate((int) size).order(ByteOrder.nativeOrder());
    for (byte[] message : messages) {
      bytes.putLong(message.length).put(message);
      bytes.position((int) padded(bytes.position()));
      ++count;
    }
  }

  /** Enqueues messages until one finds no room. Returns the native call's result. */
  long tryEnqueue(FacePublisher face) {
    return FaceCalls.tryEnqueueBatchArray(face, bytes.array(), count);
  }

  private static long padded(long size) {
    return (size + Long.BYTES - 1) & -Long.BYTES;
  }
}
