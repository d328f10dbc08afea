// SPDX-License-Identifier: MIT

package io.interprocess;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.StringJoiner;

/** The state of a queue, as {@link QueueInspector#report} saw it. Immutable. */
public final class QueueReport {
  private final Protocol protocol;
  private final String name;
  private final Path path;
  private final long capacity;
  private final long fileSize;
  private final int formatVersion;
  private final int maxParticipants;
  private final boolean onePublisher;
  private final boolean oneSubscriber;
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
    path = Text.path(report.getPath());
    capacity = report.getCapacity();
    fileSize = report.getFileSize();
    formatVersion = report.getFormatVersion();
    maxParticipants = report.getMaxParticipants();
    onePublisher = report.getOnePublisher();
    oneSubscriber = report.getOneSubscriber();
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
   * Returns the queue's wire format. Facts that a format does not have are 0 or empty in this
   * report.
   *
   * @return the protocol; never null
   */
  public Protocol protocol() {
    return protocol;
  }

  /**
   * Returns the queue's name. Bytes that are not UTF-8 are shown as U+FFFD.
   *
   * @return the name
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
   * Returns the bytes of payload that may wait in the queue.
   *
   * @return the capacity in bytes
   */
  public long capacity() {
    return capacity;
  }

  /**
   * Returns the file's size.
   *
   * @return the size in bytes
   */
  public long fileSize() {
    return fileSize;
  }

  /**
   * Returns the version of the wire format.
   *
   * @return the version
   */
  public int formatVersion() {
    return formatVersion;
  }

  /**
   * Returns how many participants may be attached at the same time.
   *
   * @return the number
   */
  public int maxParticipants() {
    return maxParticipants;
  }

  /**
   * Returns whether the queue was made for one publisher at a time.
   *
   * @return true if a second one is refused
   */
  public boolean onePublisher() {
    return onePublisher;
  }

  /**
   * Returns whether the queue was made for one subscriber at a time.
   *
   * @return true if a second one is refused
   */
  public boolean oneSubscriber() {
    return oneSubscriber;
  }

  /**
   * Returns how many messages may wait, however short they are.
   *
   * @return the number
   */
  public long slots() {
    return slots;
  }

  /**
   * Returns how many messages wait to be taken.
   *
   * @return the number
   */
  public long ready() {
    return ready;
  }

  /**
   * Returns how many messages are being written.
   *
   * @return the number
   */
  public long reserved() {
    return reserved;
  }

  /**
   * Returns how many messages are being read.
   *
   * @return the number
   */
  public long claimed() {
    return claimed;
  }

  /**
   * Returns how many bytes of messages wait to be taken.
   *
   * @return the number
   */
  public long readyBytes() {
    return readyBytes;
  }

  /**
   * Returns how many messages were enqueued or aborted since the queue was made.
   *
   * @return the number
   */
  public long tail() {
    return tail;
  }

  /**
   * Returns how often a message was given back or taken from a dead subscriber.
   *
   * @return the number
   */
  public long returned() {
    return returned;
  }

  /**
   * Returns the queue's participants.
   *
   * @return the participants
   */
  public List<Participant> participants() {
    return participants;
  }

  /**
   * Describes the report, for logs. The format may change.
   *
   * @return the queue's facts and its participants
   */
  @Override
  public String toString() {
    return new StringJoiner(", ", "QueueReport[", "]")
        .add("name=" + name)
        .add("path=" + path)
        .add("protocol=" + protocol)
        .add("capacity=" + capacity)
        .add("fileSize=" + fileSize)
        .add("formatVersion=" + formatVersion)
        .add("maxParticipants=" + maxParticipants)
        .add("onePublisher=" + onePublisher)
        .add("oneSubscriber=" + oneSubscriber)
        .add("slots=" + slots)
        .add("ready=" + ready)
        .add("reserved=" + reserved)
        .add("claimed=" + claimed)
        .add("readyBytes=" + readyBytes)
        .add("tail=" + tail)
        .add("returned=" + returned)
        .add("participants=" + participants)
        .toString();
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
     * Returns the number by which the queue knows the participant.
     *
     * @return the number
     */
    public int id() {
      return id;
    }

    /**
     * Returns the participant's role.
     *
     * @return "publisher", "subscriber" or "inspector"
     */
    public String role() {
      return role;
    }

    /**
     * Returns whether the participant is alive.
     *
     * @return true if it is alive
     */
    public boolean alive() {
      return alive;
    }

    /**
     * Returns the participant's process.
     *
     * @return the process id
     */
    public long processId() {
      return processId;
    }

    /**
     * Returns when the participant's process began.
     *
     * @return nanoseconds since 1970; 0 if unknown
     */
    public long processStartNanos() {
      return processStartNanos;
    }

    /**
     * Returns what the participant waits for.
     *
     * @return "data", "space", or "" if it does not wait
     */
    public String waitsFor() {
      return waitsFor;
    }

    /**
     * Returns how many messages the participant enqueued or took since it joined.
     *
     * @return the number
     */
    public long messages() {
      return messages;
    }

    /**
     * Returns how many bytes those messages had.
     *
     * @return the number
     */
    public long bytes() {
      return bytes;
    }

    /**
     * Returns how often the participant came upon a full or an empty queue: see {@link
     * EndpointCounters#fullOrEmpty}.
     *
     * @return the number
     */
    public long fullOrEmpty() {
      return fullOrEmpty;
    }

    /**
     * Returns how often the participant slept.
     *
     * @return the number
     */
    public long sleeps() {
      return sleeps;
    }

    /**
     * Returns how many reservations or messages the participant holds now.
     *
     * @return the number
     */
    public long holds() {
      return holds;
    }

    /**
     * Describes the participant, for logs. The format may change.
     *
     * @return the participant's facts
     */
    @Override
    public String toString() {
      return new StringJoiner(", ", "Participant[", "]")
          .add("id=" + id)
          .add("role=" + role)
          .add("alive=" + alive)
          .add("processId=" + processId)
          .add("waitsFor=" + waitsFor)
          .add("messages=" + messages)
          .add("bytes=" + bytes)
          .add("fullOrEmpty=" + fullOrEmpty)
          .add("sleeps=" + sleeps)
          .add("holds=" + holds)
          .toString();
    }
  }
}
