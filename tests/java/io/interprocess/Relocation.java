// SPDX-License-Identifier: MIT

package io.interprocess;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;

/**
 * Moves the classes of a jar to another package, as Maven's shade plugin does: the folders, and
 * every text in the classes that names the package, the program's own texts among them.
 */
final class Relocation {
  private static final String FROM = "io.interprocess";

  private final String to;

  Relocation(String to) {
    this.to = to;
  }

  void relocate(Path jar, Path moved) throws IOException {
    try (JarFile from = new JarFile(jar.toFile());
        OutputStream file = Files.newOutputStream(moved);
        JarOutputStream out = new JarOutputStream(file)) {
      for (JarEntry entry : Collections.list(from.entries())) {
        out.putNextEntry(new JarEntry(moved(entry.getName())));
        try (InputStream in = from.getInputStream(entry)) {
          byte[] bytes = in.readAllBytes();
          out.write(entry.getName().endsWith(".class") ? movedClass(bytes) : bytes);
        }
      }
    }
  }

  private String moved(String text) {
    return text.replace(FROM + ".", to + ".")
        .replace(FROM.replace('.', '/') + "/", to.replace('.', '/') + "/");
  }

  /** Rewrites the texts of a class's constant pool (JVM Specification, 4.4). */
  private byte[] movedClass(byte[] bytes) throws IOException {
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
    ByteArrayOutputStream result = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(result);
    out.writeLong(in.readLong()); // magic number and version
    int count = in.readUnsignedShort();
    out.writeShort(count);
    for (int i = 1; i < count; ++i) {
      int tag = in.readUnsignedByte();
      out.writeByte(tag);
      switch (tag) {
        case 1: // a text
          out.writeUTF(moved(in.readUTF()));
          break;
        case 5: // a long, or a double: two entries
        case 6:
          out.writeLong(in.readLong());
          ++i;
          break;
        case 7: // one index
        case 8:
        case 16:
        case 19:
        case 20:
          out.writeShort(in.readShort());
          break;
        case 15: // a kind and an index
          out.writeByte(in.readByte());
          out.writeShort(in.readShort());
          break;
        default: // four bytes: a number, or two indices
          out.writeInt(in.readInt());
      }
    }
    in.transferTo(out);
    return result.toByteArray();
  }
}
