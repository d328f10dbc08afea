/* SPDX-License-Identifier: MIT
 */

/* Prints the sizes of the structs of interprocess.h, and where their fields lie. */

#include <stdio.h>

#include "interprocess.h"

#define STRUCT(type) printf("%s %zu\n", #type, sizeof(type))
#define FIELD(type, field) \
  printf("%s.%s %zu %zu\n", #type, #field, offsetof(type, field), sizeof(((type*)0)->field))

int main(void) {
#include "tests/c/layout.inc"
  return 0;
}
