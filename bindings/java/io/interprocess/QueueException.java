// SPDX-License-Identifier: MIT

package io.interprocess;

import java.util.Objects;
import java.util.function.Function;

/**
 * A call failed. The message says what was tried, on what, and why. {@link #code()} gives the kind
 * of failure, by the names that C++, C# and the tool {@code ipq} use too.
 */
public final class QueueException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The kinds of failures. Their numbers are those of {@code absl::StatusCode}. */
  public enum Code {
    /** The operating system or this library did something unforeseen. */
    INTERNAL(13),
    /** The call can never work: a message is larger than the queue takes, or an option is bad. */
    INVALID_ARGUMENT(3),
    /** There is no queue, or no directory, of that name. */
    NOT_FOUND(5),
    /** There is a queue of that name already. */
    ALREADY_EXISTS(6),
    /** The operating system forbids it. */
    PERMISSION_DENIED(7),
    /** There is no space for a queue, or for another participant. */
    RESOURCE_EXHAUSTED(8),
    /** The endpoint is closed, or the queue exists with other options. */
    FAILED_PRECONDITION(9),
    /** A message is too large for a Java array. It stays in the queue. */
    OUT_OF_RANGE(11),
    /** The queue's wire format does not have this operation. */
    UNIMPLEMENTED(12),
    /** Another process that makes or removes a queue there is stopped. Try again. */
    UNAVAILABLE(14),
    /** The file is not a sound queue, or has been damaged. */
    DATA_LOSS(15);

    private final int number;

    Code(int number) {
      this.number = number;
    }

    /**
     * Returns the code's number in {@code absl::StatusCode}.
     *
     * @return the number
     */
    public int number() {
      return number;
    }

    static Code of(int number) {
      for (Code code : values()) {
        if (code.number == number) {
          return code;
        }
      }
      return INTERNAL;
    }
  }

  /**
   * The kind of failure.
   *
   * @serial
   */
  private final Code code;

  /**
   * Makes an exception of a kind.
   *
   * @param code the kind of failure; not null
   * @param message what was tried, on what, and why
   */
  public QueueException(Code code, String message) {
    super(message);
    this.code = Objects.requireNonNull(code, "code");
  }

  /**
   * Returns the kind of failure.
   *
   * @return the code; never null
   */
  public Code code() {
    return code;
  }

  static QueueException of(int number, String text) {
    Code code = Code.of(number);
    return new QueueException(code, code + ": " + text);
  }

  /** Returns what the call returns. Throws the error that the call sets, if it returns null. */
  static <T> T orThrow(Function<FaceError, T> call) {
    FaceError error = new FaceError();
    try {
      T result = call.apply(error);
      if (result == null) {
        throw of(error.code(), error.text());
      }
      return result;
    } finally {
      error.delete();
    }
  }
}
