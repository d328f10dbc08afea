package io.interprocess;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Which queues there are, and removing one by name. */
public final class QueueRegistry {
  private QueueRegistry() {}

  /** A file that should be a queue. Immutable. */
  public static final class Entry {
    private final String name;
    private final Path path;
    private final long capacity;
    private final QueueException problem;

    private Entry(FaceQueueList list, int index) {
      name = list.name(index);
      path = Path.of(list.path(index));
      capacity = list.capacity(index);
      int code = list.code(index);
      problem = code == 0 ? null : QueueException.of(code, list.errorText(index));
    }

    /**
     * The queue's name.
     *
     * @return the name
     */
    public String name() {
      return name;
    }

    /**
     * The queue's file.
     *
     * @return its path
     */
    public Path path() {
      return path;
    }

    /**
     * The queue's capacity.
     *
     * @return the capacity in bytes; 0 if there is a problem
     */
    public long capacity() {
      return capacity;
    }

    /**
     * Why the file cannot be used.
     *
     * @return an exception that was not thrown (DATA_LOSS, PERMISSION_DENIED); empty if it can
     */
    public Optional<QueueException> problem() {
      return Optional.ofNullable(problem);
    }
  }

  /**
   * The queues in a directory, sorted by name. Files that are no sound queues are listed too, with
   * their problem. Joins nothing, disturbs nobody.
   *
   * @param directory the directory; null for the default one, in which there are none if it does not
   *     exist
   * @return the queues
   * @throws QueueException NOT_FOUND, PERMISSION_DENIED, INVALID_ARGUMENT: the directory
   */
  public static List<Entry> list(Path directory) {
    return list(directory, Protocol.NATIVE);
  }

  /**
   * The queues of a protocol in a directory, as {@link #list(Path)}; Cloudtoid's lie in folders below
   * it.
   *
   * @param directory the directory; null for the protocol's default one
   * @param protocol the wire format; not null
   * @return the queues
   * @throws QueueException NOT_FOUND, PERMISSION_DENIED, INVALID_ARGUMENT: the directory
   */
  public static List<Entry> list(Path directory, Protocol protocol) {
    int number = protocol.number();
    NativeLibrary.load();
    FaceQueueList list =
        QueueException.orThrow(error -> FaceQueueList.open(text(directory), number, error));
    try {
      List<Entry> entries = new ArrayList<>();
      for (int i = 0; i < list.count(); ++i) {
        entries.add(new Entry(list, i));
      }
      return entries;
    } finally {
      list.delete();
    }
  }

  /**
   * Removes a queue with all its messages, whoever uses it: those who are attached go on among
   * themselves until they leave; whoever opens the name from now on gets a new queue. Also removes a
   * file of that name that is not a sound queue.
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
   * Removes a queue of a protocol, as {@link #remove(String, Path)}.
   *
   * @param name the queue's name; not null
   * @param directory its directory; null for the protocol's default one
   * @param protocol its wire format; not null
   * @throws QueueException NOT_FOUND, PERMISSION_DENIED, INVALID_ARGUMENT; UNAVAILABLE if another
   *     process that makes or removes a queue there is stopped
   */
  public static void remove(String name, Path directory, Protocol protocol) {
    Objects.requireNonNull(name, "name");
    int number = protocol.number();
    NativeLibrary.load();
    QueueException.orThrow(
        error ->
            FaceCalls.faceRemoveQueue(name, text(directory), number, error) == 0 ? true : null);
  }

  /** A directory for native code. */
  static String text(Path directory) {
    return directory == null ? "" : directory.toString();
  }
}
