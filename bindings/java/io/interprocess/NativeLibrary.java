// SPDX-License-Identifier: MIT

package io.interprocess;

import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.Cleaner;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds and loads the native library, once. If the system property {@code io.interprocess.library}
 * names a file, only that file is tried. Otherwise a library on {@code java.library.path} is tried,
 * then the library in the jar, which is copied to a private folder ({@link LibraryCopy}).
 */
final class NativeLibrary {
  /** The native library must have the same version: no interface between the two is stable. */
  static final String VERSION = Version.TEXT;

  static final Cleaner CLEANER = Cleaner.create();

  /** Joined when it runs: tools that move the classes to another package rewrite constants. */
  private static final String PROPERTY = String.join(".", "io", "interprocess", "library");

  private static final String NAME = "interprocess_java";
  private static final Pattern GLIBC = Pattern.compile("GLIBC_2\\.([0-9]{1,3})\\b");

  private static volatile boolean loaded;
  private static String failure; // null before a failure; guarded by the class

  /** What was tried, and what came of it. */
  private final List<String> tried = new ArrayList<>();

  /** Another class loader has loaded the file that was tried last, which serves it alone. */
  private boolean servesAnother;

  private NativeLibrary() {}

  /** Loads the library if it is not loaded. Fails each time if it failed once. */
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
          "the native library of Interprocess was not loaded. Tried:\n  "
              + String.join("\n  ", library.tried);
    }
    throw new UnsatisfiedLinkError(failure);
  }

  private boolean find() {
    String property = System.getProperty(PROPERTY);
    if (property != null) {
      return fromProperty(property);
    }
    tried.add("the system property " + PROPERTY + ": it is not set");
    Verdict verdict = fromLibraryPath();
    return verdict == Verdict.NONE ? fromJar() : verdict == Verdict.OURS;
  }

  private enum Verdict {
    /** It is this version's library. */
    OURS,
    /** It is another version's, which cannot be unloaded for this one. */
    OTHER_VERSION,
    /** It has none of the functions. */
    NONE
  }

  /** Checks the library that was loaded last. */
  private Verdict check() {
    String version;
    try {
      version = FaceCalls.faceVersion();
    } catch (UnsatisfiedLinkError e) {
      tried.add("what was loaded is no library of Interprocess: " + e.getMessage());
      return Verdict.NONE;
    }
    if (!VERSION.equals(version)) {
      tried.add("what was loaded has version " + version + ", these classes need " + VERSION);
      return Verdict.OTHER_VERSION;
    }
    return Verdict.OURS;
  }

  /** The program asked for this file, so no other is tried. */
  private boolean fromProperty(String property) {
    String from = "the system property " + PROPERTY;
    Path file;
    byte[] library;
    try {
      file = Path.of(property).toAbsolutePath();
      if (tryLoad(from, file)) {
        Verdict verdict = check();
        if (verdict != Verdict.NONE) {
          return verdict == Verdict.OURS;
        }
      } else if (!servesAnother) {
        return false;
      }
      // The JVM binds a file to the class loader and the classes that loaded it first, for example
      // those of another program in this JVM. A copy of the file can be bound to these.
      library = Files.readAllBytes(file);
    } catch (IOException | InvalidPathException e) {
      tried.add(from + ": " + property + ": " + e);
      return false;
    }
    return fromCopy(from, file.getFileName().toString(), library);
  }

  private Verdict fromLibraryPath() {
    try {
      System.loadLibrary(NAME);
      tried.add("java.library.path: loaded " + System.mapLibraryName(NAME));
      return check();
    } catch (UnsatisfiedLinkError e) {
      tried.add("java.library.path: " + e.getMessage());
      return Verdict.NONE;
    }
  }

  private boolean tryLoad(String from, Path file) {
    servesAnother = false;
    try {
      System.load(file.toString());
      tried.add(from + ": loaded " + file);
      return true;
    } catch (UnsatisfiedLinkError e) {
      String reason = String.valueOf(e.getMessage());
      servesAnother = reason.contains("already loaded in another classloader");
      // The JVM and the linker put the file's name before the reason, each for itself.
      while (reason.startsWith(file + ": ")) {
        reason = reason.substring(file.toString().length() + 2);
      }
      tried.add(from + ": " + file + ": " + reason + advice(file, reason));
      return false;
    }
  }

  /** Returns what to do about a reason of the linker's; empty if that is not known. */
  private static String advice(Path file, String reason) {
    if (reason.contains("failed to map segment")) {
      return " (the file system of "
          + file.getParent()
          + " is probably mounted noexec: set -Djava.io.tmpdir to a folder of another one, or -D"
          + PROPERTY
          + " to the library's file there)";
    }
    if (reason.contains("GLIBC_")) {
      int needed = neededGlibc(file);
      return needed == 0 ? "" : " (this library needs glibc 2." + needed + " or later)";
    }
    return "";
  }

  /** Returns the minor number of the newest glibc that the library names; 0 if it names none. */
  private static int neededGlibc(Path file) {
    int newest = 0;
    try {
      String library = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
      for (Matcher version = GLIBC.matcher(library); version.find(); ) {
        newest = Math.max(newest, Integer.parseInt(version.group(1)));
      }
    } catch (IOException e) {
      // Then the linker's reason has to do.
    }
    return newest;
  }

  private boolean fromJar() {
    String file = System.mapLibraryName(NAME);
    String resource = "native/" + platform() + "/" + file;
    byte[] library;
    try {
      library = read(resource);
      String expected = new String(read(resource + ".sha256"), StandardCharsets.US_ASCII).trim();
      String actual =
          HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(library));
      if (!actual.equals(expected)) {
        tried.add(
            "the jar: " + resource + " has the sha256 " + actual + ", and should have " + expected);
        return false;
      }
    } catch (IOException | NoSuchAlgorithmException e) {
      tried.add("the jar: " + e.getMessage());
      return false;
    }
    return fromCopy("the jar", file, library);
  }

  /** The library lies beside the classes: tools that move the classes move it with them. */
  private static byte[] read(String resource) throws IOException {
    try (InputStream in = NativeLibrary.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IOException("it has no " + resource);
      }
      return in.readAllBytes();
    }
  }

  private boolean fromCopy(String from, String file, byte[] library) {
    for (Path parent : privateFolderParents(from)) {
      try (LibraryCopy copy = LibraryCopy.make(parent, file, library)) {
        if (tryLoad(from, copy.path())) {
          return check() == Verdict.OURS;
        }
      } catch (IOException | InvalidPathException e) {
        tried.add(from + ": to a copy in " + parent + ": " + e);
      }
    }
    return false;
  }

  /** Returns the name of the folder in the jar, such as linux-x86_64. */
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

  /** Returns the temp folder, and a folder that is seldom mounted noexec. */
  private List<Path> privateFolderParents(String from) {
    List<Path> parents = new ArrayList<>();
    for (String property : List.of("java.io.tmpdir", "user.home")) {
      String folder = System.getProperty(property);
      try {
        Path parent = Path.of(folder);
        if (property.equals("user.home")) {
          parent = parent.resolve(".cache");
          if (!Files.isDirectory(parent)) {
            continue;
          }
        }
        parents.add(parent);
      } catch (InvalidPathException e) {
        tried.add(from + ": to a copy in " + property + ": " + e.getMessage());
      }
    }
    return parents;
  }
}
