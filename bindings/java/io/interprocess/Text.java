// SPDX-License-Identifier: MIT

package io.interprocess;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Converts names and paths between Java and native code. Names are UTF-8 there. Paths are the
 * system's bytes, which the JDK's strings cannot hold in every locale; a Path can.
 */
final class Text {
  private Text() {}

  /**
   * Returns the text as UTF-8. Every text that goes to native code passes here.
   *
   * @throws QueueException INVALID_ARGUMENT if the text has a lone surrogate, which UTF-8 cannot
   *     hold: the JDK would replace it by a question mark, which is another name
   */
  static byte[] utf8(String text) {
    for (int i = 0; i < text.length(); ++i) {
      char unit = text.charAt(i);
      if (!Character.isSurrogate(unit)) {
        continue;
      }
      if (Character.isHighSurrogate(unit)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        ++i;
        continue;
      }
      throw QueueException.of(
          QueueException.Code.INVALID_ARGUMENT.number(),
          String.format(
              "'%s\\u%04x%s' is not Unicode text: it has a lone surrogate at index %d",
              text.substring(0, i), (int) unit, text.substring(i + 1), i));
    }
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Returns the system's bytes of a path; none for null. */
  static byte[] bytes(Path path) {
    if (path == null) {
      return new byte[0];
    }
    String text = path.toString();
    if (isAscii(text) || !hasBytePaths()) {
      return utf8(text);
    }
    // The URI has the path's bytes; the string has what the locale makes of them.
    String uri = path.toUri().getRawPath();
    byte[] bytes = new byte[uri.length()];
    int size = 0;
    for (int i = 0; i < uri.length(); ++i) {
      if (uri.charAt(i) == '%') {
        bytes[size++] = (byte) Integer.parseInt(uri.substring(i + 1, i + 3), 16);
        i += 2;
      } else {
        bytes[size++] = (byte) uri.charAt(i);
      }
    }
    if (size > 1 && bytes[size - 1] == '/') {
      --size; // the URI of a directory ends with a slash
    }
    return Arrays.copyOf(bytes, size);
  }

  /** Returns the path of the system's bytes, in any locale. */
  static Path path(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    if (isAscii(text) || !hasBytePaths()) {
      return Path.of(text);
    }
    boolean absolute = bytes[0] == '/';
    StringBuilder uri = new StringBuilder(absolute ? "file://" : "file:///");
    for (byte each : bytes) {
      uri.append(each == '/' ? "/" : String.format("%%%02x", each & 0xff));
    }
    Path path = Path.of(URI.create(uri.toString()));
    return absolute ? path : path.getRoot().relativize(path);
  }

  private static boolean isAscii(String text) {
    return text.chars().allMatch(unit -> unit < 0x80);
  }

  /** Returns whether the system's paths are bytes, as they are on POSIX systems. */
  private static boolean hasBytePaths() {
    return FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
  }
}
