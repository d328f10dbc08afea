// SPDX-License-Identifier: MIT

package io.interprocess;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Lists queues, and removes them by name. Thread-safe. */
public final class QueueRegistry {
  private QueueRegistry() {}

  /** A file that should be a queue. Immutable. */
  public static final class Entry {
    private final String name;
    private final Protocol protocol;
    private final Path path;
    private final long capacity;
    private final QueueException problem;

    private Entry(FaceQueueList list, int index, Protocol protocol) {
      name = list.name(index);
      this.protocol = protocol;
      path = Text.path(list.path(index));
      capacity = list.capacity(index);
      int code = list.code(index);
      problem = code == 0 ? null : QueueException.of(code, list.errorText(index));
    }

    /**
     * Returns the queue's name. Bytes that are not UTF-8 are shown as U+FFFD; such a queue can be
     * read by C++ programs only.
     *
     * @return the name; never null
     */
    public String name() {
      return name;
    }

    /**
     * Returns the path of the queue's file. It leads to the file in any locale; its text shows what
     * the locale can show.
     *
     * @return the path; never null
     */
    public Path path() {
      return path;
    }

    /**
     * Returns the queue's capacity.
     *
     * @return the capacity in bytes; 0 if there is a problem
     */
    public long capacity() {
      return capacity;
    }

    /**
     * Returns why the file cannot be used.
     *
     * @return an exception that was not thrown (DATA_LOSS, PERMISSION_DENIED); empty if the file
     *     can be used
     */
    public Optional<QueueException> problem() {
      return Optional.ofNullable(problem);
    }

    /**
     * Describes the entry, for logs. The format may change.
     *
     * @return the name, path, protocol, and the capacity or the problem
     */
    @Override
    public String toString() {
      return "Entry[name="
          + name
          + ", path="
          + path
          + ", protocol="
          + protocol
          + (problem == null ? ", capacity=" + capacity : ", problem=" + problem.getMessage())
          + "]";
    }
  }

  /**
   * Lists the queues in the default directory, as {@link #list(Path)} does.
   *
   * @return the queues; empty if there are none or the directory does not exist
   * @throws QueueException PERMISSION_DENIED, INVALID_ARGUMENT: the directory cannot be read
   */
  public static List<Entry> list() {
    return list(null);
  }

  /**
   * Lists the queues in a directory, sorted by name. Files that are not sound queues are listed
   * with their problem. Does not join any queue.
   *
   * @param directory the directory; null for the default one
   * @return the queues; empty if there are none, or the default directory does not exist
   * @throws QueueException NOT_FOUND, PERMISSION_DENIED, INVALID_ARGUMENT: the directory cannot be
   *     read
   */
  public static List<Entry> list(Path directory) {
    return list(directory, Protocol.NATIVE);
  }

  /**
   * Lists the queues of a protocol in a directory, as {@link #list(Path)} does. Cloudtoid's formats
   * use folders below the directory.
   *
   * @param directory the directory; null for the protocol's default one
   * @param protocol the wire format; not null
   * @return the queues
   * @throws QueueException NOT_FOUND, PERMISSION_DENIED, INVALID_ARGUMENT: the directory cannot be
   *     read
   */
  public static List<Entry> list(Path directory, Protocol protocol) {
    int number = protocol.number();
    NativeLibrary.load();
    FaceQueueList list =
        QueueException.orThrow(error -> FaceQueueList.open(Text.bytes(directory), number, error));
    try {
      List<Entry> entries = new ArrayList<>();
      for (int i = 0; i < list.count(); ++i) {
        entries.add(new Entry(list, i, protocol));
      }
      return entries;
    } finally {
      list.delete();
    }
  }

  /**
   * Removes a queue of the default directory, as {@link #remove(String, Path)} does.
   *
   * @param name the queue's name; not null
   * @throws QueueException see {@link #remove(String, Path)}
   */
  public static void remove(String name) {
    remove(name, null);
  }

  /**
   * Removes a queue, as {@link #remove(String, Path)} does.
   *
   * @param options the queue's name, directory and protocol; the others are not used; not null
   * @throws QueueException see {@link #remove(String, Path)}
   */
  public static void remove(QueueOptions options) {
    remove(options.name(), options.directory(), options.protocol());
  }

  /**
   * Removes a queue with all its messages, also while it is in use. Participants that are attached
   * go on among themselves until they leave. Opening the name later makes a new queue. Also removes
   * a file of that name that is not a sound queue.
   *
   * @param name the queue's name; not null
   * @param directory its directory; null for the default one
   * @throws QueueException NOT_FOUND, PERMISSION_DENIED, INVALID_ARGUMENT; UNAVAILABLE if another
   *     process that makes or removes a queue there is stopped
   */
  public static void remove(String name, Path directory) {
    remove(name, directory, Protocol.NATIVE);
  }

  /**
   * Removes a queue of a protocol, as {@link #remove(String, Path)} does.
   *
   * @param name the queue's name; not null
   * @param directory its directory; null for the protocol's default one
   * @param protocol its wire format; not null
   * @throws QueueException see {@link #remove(String, Path)}
   */
  public static void remove(String name, Path directory, Protocol protocol) {
    Objects.requireNonNull(name, "name");
    int number = protocol.number();
    NativeLibrary.load();
    QueueException.orThrow(
        error -> {
          byte[] bytes = Text.bytes(directory);
          return FaceCalls.faceRemoveQueue(name, bytes, number, error) == 0 ? true : null;
        });
  }
}
