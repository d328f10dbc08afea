package io.interprocess;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** What {@link QueueInspector#report} saw of a queue. Immutable. */
public final class QueueReport {
  private final Protocol protocol;
  private final String name;
  private final Path path;
  private final long capacity;
  private final long fileSize;
  private final int formatVersion;
  private final int maxParticipants;
  private final long slots;
  private final long ready;
  private final long reserved;
  private final long claimed;
  private final long readyBytes;
  private final long tail;
  private final long returned;
  private final List<Participant> participants;

  QueueReport(FaceReport report) {
    protocol = Protocol.of(report.getProtocol());
    name = report.getName();
    path = Path.of(report.getPath());
    capacity = report.getCapacity();
    fileSize = report.getFileSize();
    formatVersion = report.getFormatVersion();
    maxParticipants = report.getMaxParticipants();
    slots = report.getSlots();
    ready = report.getReady();
    reserved = report.getReserved();
    claimed = report.getClaimed();
    readyBytes = report.getReadyBytes();
    tail = report.getTail();
    returned = report.getReturned();
    List<Participant> list = new ArrayList<>();
    for (int i = 0; i < report.participantCount(); ++i) {
      FaceParticipant participant = report.participant(i);
      list.add(new Participant(participant));
      participant.delete();
    }
    participants = Collections.unmodifiableList(list);
  }

  /**
   * The queue's wire format. What a format does not tell is 0 or empty here.
   *
   * @return the protocol; never null
   */
  public Protocol protocol() {
    return protocol;
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
   * The bytes of payload that may wait in it.
   *
   * @return the capacity in bytes
   */
  public long capacity() {
    return capacity;
  }

  /**
   * The file's size.
   *
   * @return the size in bytes
   */
  public long fileSize() {
    return fileSize;
  }

  /**
   * The version of the wire format.
   *
   * @return the version
   */
  public int formatVersion() {
    return formatVersion;
  }

  /**
   * How many may be attached at one time.
   *
   * @return the number
   */
  public int maxParticipants() {
    return maxParticipants;
  }

  /**
   * How many messages may wait, however short.
   *
   * @return the number
   */
  public long slots() {
    return slots;
  }

  /**
   * How many messages wait to be taken.
   *
   * @return the number
   */
  public long ready() {
    return ready;
  }

  /**
   * How many are being written.
   *
   * @return the number
   */
  public long reserved() {
    return reserved;
  }

  /**
   * How many are being read.
   *
   * @return the number
   */
  public long claimed() {
    return claimed;
  }

  /**
   * How many bytes wait to be taken.
   *
   * @return the number
   */
  public long readyBytes() {
    return readyBytes;
  }

  /**
   * How many were enqueued or aborted since the queue was made.
   *
   * @return the number
   */
  public long tail() {
    return tail;
  }

  /**
   * How often a message was given back or taken from a dead subscriber.
   *
   * @return the number
   */
  public long returned() {
    return returned;
  }

  /**
   * Who takes part.
   *
   * @return the participants
   */
  public List<Participant> participants() {
    return participants;
  }

  /** A publisher or subscriber of the queue. Immutable. */
  public static final class Participant {
    private final int id;
    private final String role;
    private final boolean alive;
    private final long processId;
    private final long processStartNanos;
    private final String waitsFor;
    private final long messages;
    private final long bytes;
    private final long fullOrEmpty;
    private final long sleeps;
    private final long holds;

    private Participant(FaceParticipant participant) {
      id = participant.getId();
      role = participant.getRole();
      alive = participant.getAlive();
      processId = participant.getProcessId();
      processStartNanos = participant.getProcessStartNs();
      waitsFor = participant.getWaitsFor();
      messages = participant.getMessages();
      bytes = participant.getBytes();
      fullOrEmpty = participant.getFullOrEmpty();
      sleeps = participant.getSleeps();
      holds = participant.getHolds();
    }

    /**
     * The number by which the queue knows it.
     *
     * @return the number
     */
    public int id() {
      return id;
    }

    /**
     * What it does.
     *
     * @return "publisher", "subscriber" or "inspector"
     */
    public String role() {
      return role;
    }

    /**
     * Whether it lives.
     *
     * @return true if it does
     */
    public boolean alive() {
      return alive;
    }

    /**
     * Its process.
     *
     * @return the process id
     */
    public long processId() {
      return processId;
    }

    /**
     * When its process began.
     *
     * @return nanoseconds since 1970; 0 if not known
     */
    public long processStartNanos() {
      return processStartNanos;
    }

    /**
     * What it waits for.
     *
     * @return "data", "space" or ""
     */
    public String waitsFor() {
      return waitsFor;
    }

    /**
     * How many messages it enqueued or took since it joined.
     *
     * @return the number
     */
    public long messages() {
      return messages;
    }

    /**
     * How many bytes these had.
     *
     * @return the number
     */
    public long bytes() {
      return bytes;
    }

    /**
     * How often it found the queue full, or empty.
     *
     * @return the number
     */
    public long fullOrEmpty() {
      return fullOrEmpty;
    }

    /**
     * How often it slept.
     *
     * @return the number
     */
    public long sleeps() {
      return sleeps;
    }

    /**
     * How many reservations or messages it holds now.
     *
     * @return the number
     */
    public long holds() {
      return holds;
    }
  }
}
