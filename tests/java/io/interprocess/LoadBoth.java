// SPDX-License-Identifier: MIT

package io.interprocess;

/** LoadBoth DIRECTORY: runs Load, and then the copy of it in the package com.acme.one. */
final class LoadBoth {
  private LoadBoth() {}

  public static void main(String[] args) throws Exception {
    Load.main(args);
    Class.forName(String.join(".", "com", "acme", "one", "Load"))
        .getMethod("main", String[].class)
        .invoke(null, (Object) args);
  }
}
