package io.interprocess;

import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.Cleaner;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
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
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds and loads the native library, once: the file that the system property {@code
 * io.interprocess.library} names; one on {@code java.library.path}; the one in the jar. That is
 * copied to a private folder, loaded, and the folder is removed: at once, or where the system keeps
 * a loaded library's file, by a later process. So what a killed process left is removed too.
 */
final class NativeLibrary {
  /** The native library must be of the same version: they have no interface but between them. */
  static final String VERSION = "0.1.0";

  static final Cleaner CLEANER = Cleaner.create();

  private static final String PROPERTY = "io.interprocess.library";
  private static final String NAME = "interprocess_java";
  private static final String FOLDER_PREFIX = "interprocess-java-";
  private static final String LOCK = "lock";
  private static final Pattern GLIBC = Pattern.compile("GLIBC_2\\.([0-9]{1,3})\\b");
  /** Within so long after it was made, a folder may have no lock yet though its owner lives. */
  private static final Duration SETTING_UP = Duration.ofMinutes(1);

  private static volatile boolean loaded;
  private static UnsatisfiedLinkError failure; // guarded by the class

  private final List<String> failures = new ArrayList<>();

  private NativeLibrary() {}

  /** Loads the library if that was not done before; always fails if it failed before. */
  static void load() {
    if (!loaded) {
      loadOnce();
    }
  }

  private static synchronized void loadOnce() {
    if (loaded) {
      return;
    }
    if (failure == null) {
      NativeLibrary library = new NativeLibrary();
      if (library.find()) {
        loaded = true;
        return;
      }
      failure =
          new UnsatisfiedLinkError(
              "the native library of Interprocess was not loaded. Tried:\n  "
                  + String.join("\n  ", library.failures));
    }
    throw (UnsatisfiedLinkError) new UnsatisfiedLinkError(failure.getMessage()).initCause(failure);
  }

  private boolean find() {
    return (fromProperty() || fromLibraryPath() || fromJar()) && hasVersion();
  }

  /** A loaded library cannot be unloaded for another, so this is the last word. */
  private boolean hasVersion() {
    String version;
    try {
      version = FaceCalls.faceVersion();
    } catch (UnsatisfiedLinkError e) {
      failures.add("what was loaded is no library of Interprocess: " + e.getMessage());
      return false;
    }
    if (!VERSION.equals(version)) {
      failures.add("what was loaded has version " + version + ", these classes need " + VERSION);
      return false;
    }
    return true;
  }

  private boolean fromProperty() {
    String path = System.getProperty(PROPERTY);
    if (path == null) {
      failures.add("the system property " + PROPERTY + ": it is not set");
      return false;
    }
    return tryLoad("the system property " + PROPERTY, Path.of(path).toAbsolutePath(), () -> "");
  }

  private boolean fromLibraryPath() {
    try {
      System.loadLibrary(NAME);
      failures.add("java.library.path: loaded " + System.mapLibraryName(NAME));
      return true;
    } catch (UnsatisfiedLinkError e) {
      failures.add("java.library.path: " + e.getMessage());
      return false;
    }
  }

  private boolean tryLoad(String from, Path file, Supplier<String> note) {
    try {
      System.load(file.toString());
      failures.add(from + ": loaded " + file);
      return true;
    } catch (UnsatisfiedLinkError e) {
      failures.add(from + ": " + file + ": " + e.getMessage() + note.get());
      return false;
    }
  }

  private boolean fromJar() {
    String file = System.mapLibraryName(NAME);
    String resource = "/META-INF/native/" + platform() + "/" + file;
    byte[] library;
    try {
      library = read(resource);
      String expected = new String(read(resource + ".sha256"), StandardCharsets.US_ASCII).trim();
      String actual =
          HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(library));
      if (!actual.equals(expected)) {
        failures.add(
            "the jar: " + resource + " has the sha256 " + actual + ", and should have " + expected);
        return false;
      }
    } catch (IOException | NoSuchAlgorithmException e) {
      failures.add("the jar: " + e.getMessage());
      return false;
    }
    for (Path parent : privateFolderParents()) {
      if (fromCopy(parent, file, library)) {
        return true;
      }
    }
    return false;
  }

  private static byte[] read(String resource) throws IOException {
    try (InputStream in = NativeLibrary.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IOException("it has no " + resource);
      }
      return in.readAllBytes();
    }
  }

  /** As in the jar: linux-x86_64. */
  static String platform() {
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String arch = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    if (os.startsWith("windows")) {
      os = "windows";
    } else if (os.startsWith("mac")) {
      os = "macos";
    }
    if (arch.equals("amd64") || arch.equals("x64")) {
      arch = "x86_64";
    } else if (arch.equals("arm64")) {
      arch = "aarch64";
    }
    return os + "-" + arch;
  }

  /** The temp folder, and one that is seldom mounted noexec. */
  private static List<Path> privateFolderParents() {
    List<Path> parents = new ArrayList<>();
    parents.add(Path.of(System.getProperty("java.io.tmpdir")));
    Path cache = Path.of(System.getProperty("user.home"), ".cache");
    if (Files.isDirectory(cache)) {
      parents.add(cache);
    }
    return parents;
  }

  private boolean fromCopy(Path parent, String file, byte[] library) {
    Path folder = null;
    try {
      folder = makePrivateFolder(parent);
      // Held as long as the process lives, unless the folder goes before.
      FileChannel channel =
          FileChannel.open(
              folder.resolve(LOCK), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      channel.lock();
      removeLeftovers(parent, folder);
      Path copy = folder.resolve(file);
      Files.write(copy, library, StandardOpenOption.CREATE_NEW);
      boolean success = tryLoad("the jar", copy, () -> neededLibc(library));
      if (remove(folder, file)) {
        channel.close();
      }
      return success;
    } catch (IOException e) {
      failures.add("the jar: to a copy in " + parent + ": " + e);
      if (folder != null) {
        remove(folder, file);
      }
      return false;
    }
  }

  /** What of the C library the library names; nothing if it is not for glibc. */
  private static String neededLibc(byte[] library) {
    Matcher version = GLIBC.matcher(new String(library, StandardCharsets.ISO_8859_1));
    int newest = 0;
    while (version.find()) {
      newest = Math.max(newest, Integer.parseInt(version.group(1)));
    }
    return newest == 0 ? "" : " (its library needs glibc 2." + newest + " or later)";
  }

  private static Path makePrivateFolder(Path parent) throws IOException {
    if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
      FileAttribute<?> mode =
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
      return Files.createTempDirectory(parent, FOLDER_PREFIX, mode);
    }
    return Files.createTempDirectory(parent, FOLDER_PREFIX); // the user's own, on Windows
  }

  /** Whether it is gone: on Windows, the file of a loaded library stays. */
  private static boolean remove(Path folder, String file) {
    try {
      Files.deleteIfExists(folder.resolve(file));
      Files.deleteIfExists(folder.resolve(LOCK));
      Files.deleteIfExists(folder);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Removes the folders of this user's processes that ended before they could. */
  private static void removeLeftovers(Path parent, Path own) throws IOException {
    UserPrincipal user = Files.getOwner(own);
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(parent, FOLDER_PREFIX + "*")) {
      for (Path folder : folders) {
        if (isLeftOver(folder, user)) {
          remove(folder, System.mapLibraryName(NAME));
        }
      }
    }
  }

  /** Whoever lives holds the lock. Nothing of others is touched: they may have put a trap there. */
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
      try (FileChannel channel =
          FileChannel.open(folder.resolve(LOCK), StandardOpenOption.WRITE)) {
        return channel.tryLock() != null;
      } catch (NoSuchFileException e) {
        return true;
      }
    } catch (IOException | OverlappingFileLockException e) {
      return false; // it has just gone, or it is this process's
    }
  }
}
