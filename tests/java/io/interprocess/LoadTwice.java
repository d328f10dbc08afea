// SPDX-License-Identifier: MIT

package io.interprocess;

import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.List;

/** LoadTwice DIRECTORY: runs Load, and runs it again as another class loader has it. */
final class LoadTwice {
  private LoadTwice() {}

  public static void main(String[] args) throws Exception {
    Load.main(args);
    List<URL> classPath = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      classPath.add(new File(entry).toURI().toURL());
    }
    try (URLClassLoader loader =
        new URLClassLoader(classPath.toArray(new URL[0]), ClassLoader.getPlatformClassLoader())) {
      loader
          .loadClass("io.interprocess.Load")
          .getMethod("main", String[].class)
          .invoke(null, (Object) args);
    }
  }
}
