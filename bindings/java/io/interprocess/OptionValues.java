// SPDX-License-Identifier: MIT

package io.interprocess;

import java.nio.file.Path;
import java.util.StringJoiner;

/** The values of a queue's options, and their defaults. {@link QueueOptions} documents each. */
final class OptionValues implements Cloneable {
  final String name;
  Path directory = null; // for the default one
  long capacity = QueueOptions.DEFAULT_CAPACITY;
  Protocol protocol = Protocol.NATIVE;
  OpenMode mode = OpenMode.OPEN_OR_CREATE;
  Access access = Access.OWNER;
  String account = "";
  int maxParticipants = QueueOptions.DEFAULT_MAX_PARTICIPANTS;
  boolean keepUndelivered = true;
  boolean reserveSpace = true;
  boolean acrossSessions = false;
  boolean onePublisher = false;
  boolean oneSubscriber = false;

  OptionValues(String name) {
    this.name = name;
  }

  OptionValues copy() {
    try {
      return (OptionValues) clone();
    } catch (CloneNotSupportedException e) {
      throw new AssertionError(e);
    }
  }

  /** Returns the options for native code; the caller deletes them. */
  FaceOptions toNative() {
    FaceOptions options = new FaceOptions();
    try {
      options.setName(name);
      options.setDirectory(Text.bytes(directory));
      options.setCapacity(capacity);
      options.setProtocol(protocol.number());
      options.setMode(mode.number());
      options.setAccess(access.number());
      options.setAccount(account);
      options.setMaxParticipants(maxParticipants);
      options.setKeepUndelivered(keepUndelivered);
      options.setReserveSpace(reserveSpace);
      options.setAcrossSessions(acrossSessions);
      options.setOnePublisher(onePublisher);
      options.setOneSubscriber(oneSubscriber);
    } catch (RuntimeException e) {
      options.delete(); // a text was refused
      throw e;
    }
    return options;
  }

  String directoryText() {
    return directory == null ? "default" : directory.toString();
  }

  @Override
  public String toString() {
    return new StringJoiner(", ", "QueueOptions[", "]")
        .add("name=" + name)
        .add("directory=" + directoryText())
        .add("protocol=" + protocol)
        .add("capacity=" + capacity)
        .add("mode=" + mode)
        .add("access=" + access)
        .add("account=" + account)
        .add("maxParticipants=" + maxParticipants)
        .add("keepUndelivered=" + keepUndelivered)
        .add("reserveSpace=" + reserveSpace)
        .add("acrossSessions=" + acrossSessions)
        .add("onePublisher=" + onePublisher)
        .add("oneSubscriber=" + oneSubscriber)
        .toString();
  }
}
