package io.interprocess;

import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.function.Function;

/**
 * A call failed. The message says what was tried, on what, and why; {@link #code()} says what kind
 * of failure it is, in the words that C++, C# and the tool {@code ipq} use too.
 */
public final class QueueException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The kinds of failures. Their numbers are those of {@code absl::StatusCode}. */
  public enum Code {
    /** Something was not foreseen: of the operating system, or of this library. */
    INTERNAL(13),
    /** It can never work: a message larger than the queue takes, or a bad option. */
    INVALID_ARGUMENT(3),
    /** There is no queue, or directory, of that name. */
    NOT_FOUND(5),
    /** There is a queue of that name already. */
    ALREADY_EXISTS(6),
    /** The operating system forbids it. */
    PERMISSION_DENIED(7),
    /** There is no space for a queue, or for another participant. */
    RESOURCE_EXHAUSTED(8),
    /** The endpoint is closed, or the queue exists with other options. */
    FAILED_PRECONDITION(9),
    /** A message is larger than what it was to go into; it stays in the queue. */
    OUT_OF_RANGE(11),
    /** The queue's wire format has no such thing. */
    UNIMPLEMENTED(12),
    /** Somebody who makes or removes a queue there is stopped: try again. */
    UNAVAILABLE(14),
    /** The file is not, or no longer, a sound queue. */
    DATA_LOSS(15);

    private final int number;

    Code(int number) {
      this.number = number;
    }

    /**
     * The code's number in {@code absl::StatusCode}.
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
   * Makes an exception of that kind.
   *
   * @param code the kind of failure; not null
   * @param message what was tried, on what, and why
   */
  public QueueException(Code code, String message) {
    super(message);
    this.code = Objects.requireNonNull(code, "code");
  }

  /**
   * The kind of failure.
   *
   * @return the code; never null
   */
  public Code code() {
    return code;
  }

  /** What native code throws. */
  static QueueException of(int code, byte[] text) {
    return of(code, new String(text, StandardCharsets.UTF_8));
  }

  static QueueException of(int number, String text) {
    Code code = Code.of(number);
    return new QueueException(code, code + ": " + text);
  }

  /** What the call gives; the error it tells when it gives null. */
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
