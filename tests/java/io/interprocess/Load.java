// SPDX-License-Identifier: MIT

package io.interprocess;

import java.nio.file.Path;

/** Load DIRECTORY: loads the native library by opening a queue, twice, and says what came of it. */
public final class Load {
  private Load() {}

  public static void main(String[] args) throws Exception {
    for (int i = 0; i < 2; ++i) {
      try (Publisher publisher =
          Publisher.open(QueueOptions.builder("load").directory(Path.of(args[0])).build())) {
        System.out.println("loaded");
      } catch (UnsatisfiedLinkError e) {
        System.out.println(e.getMessage());
        if (e.getCause() != null) {
          System.out.println("because of " + e.getCause());
        }
      }
    }
    if (args.length > 1) {
      Thread.sleep(Long.MAX_VALUE);
    }
  }
}
