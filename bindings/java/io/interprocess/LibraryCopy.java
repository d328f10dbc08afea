// SPDX-License-Identifier: MIT

package io.interprocess;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.time.Instant;

/**
 * A copy of the native library in a private folder. Closing it removes the folder. A system that
 * keeps the file of a loaded library, as Windows does, keeps the folder until a later process
 * removes it. A later process also removes the folder of a process that was killed.
 */
final class LibraryCopy implements AutoCloseable {
  private static final String PREFIX = "interprocess-java-";
  private static final String LOCK = "lock";

  /** A folder younger than this may have no lock yet though its owner lives. */
  private static final Duration SETTING_UP = Duration.ofMinutes(1);

  private final Path folder;
  private final Path file;
  private FileChannel lock;

  private LibraryCopy(Path folder, String name) {
    this.folder = folder;
    file = folder.resolve(name);
  }

  /** Copies a library to a new folder. Removes what other processes of this user left beside it. */
  static LibraryCopy make(Path parent, String name, byte[] library) throws IOException {
    LibraryCopy copy = new LibraryCopy(makeFolder(parent), name);
    try {
      // Held until the folder is removed or the process ends: it says that the owner lives.
      copy.lock =
          FileChannel.open(
              copy.folder.resolve(LOCK), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      copy.lock.lock();
      removeLeftovers(parent, copy.folder);
      Files.write(copy.file, library, StandardOpenOption.CREATE_NEW);
      return copy;
    } catch (IOException | RuntimeException e) {
      copy.close();
      throw e;
    }
  }

  Path path() {
    return file;
  }

  @Override
  public void close() {
    if (remove(folder) && lock != null) {
      try {
        lock.close();
      } catch (IOException e) {
        // The file is gone; nobody asks for its lock.
      }
    }
  }

  private static Path makeFolder(Path parent) throws IOException {
    if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
      FileAttribute<?> mode =
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
      return Files.createTempDirectory(parent, PREFIX, mode);
    }
    return Files.createTempDirectory(parent, PREFIX); // on Windows, temp folders are the user's own
  }

  /**
   * Removes the folder. Returns false if a file is in use, as that of a loaded library on Windows
   * is.
   */
  private static boolean remove(Path folder) {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      Path lock = folder.resolve(LOCK);
      for (Path file : files) {
        if (!file.equals(lock)) {
          Files.delete(file);
        }
      }
      Files.deleteIfExists(
          lock); // last: without it, other processes may take the folder for left over
      Files.delete(folder);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static void removeLeftovers(Path parent, Path own) throws IOException {
    UserPrincipal user = Files.getOwner(own);
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(parent, PREFIX + "*")) {
      for (Path folder : folders) {
        if (isLeftOver(folder, user)) {
          remove(folder);
        }
      }
    }
  }

  /**
   * Returns whether the folder's owner has ended: an owner that lives holds the lock. Folders of
   * other users are never touched, because they may be traps.
   */
  private static boolean isLeftOver(Path folder, UserPrincipal user) {
    try {
      if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
          || !Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS).equals(user)) {
        return false;
      }
      Instant changed = Files.getLastModifiedTime(folder).toInstant();
      if (changed.isAfter(Instant.now().minus(SETTING_UP))) {
        return false;
      }
      try (FileChannel channel = FileChannel.open(folder.resolve(LOCK), StandardOpenOption.WRITE)) {
        return channel.tryLock() != null;
      } catch (NoSuchFileException e) {
        return true;
      }
    } catch (IOException | OverlappingFileLockException e) {
      return false; // it has just been removed, or this process owns it
    }
  }
}
