// SPDX-License-Identifier: MIT

// Lets a library that was linked with glibc 2.36 or later load on 2.30 and later, on x86-64: built
// there only. Linked into the bindings' native libraries alone. A test compares what they need with
// 2.30.
//
// What it defines are functions that glibc gave a new version since, most by moving them from
// libpthread to libc: they call what has been there under the old one. What came since does here
// what it does there.

#define _GNU_SOURCE

#include <features.h>

#if defined(__GLIBC__) && defined(__LP64__)
#if __GLIBC_PREREQ(2, 36)

#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>

// The linker exports, whatever the version script says, what a library that it links with has too.
#define HIDDEN __attribute__((visibility("hidden")))

// `name` as it was at `version`, to be called old_`name`.
#define OLD(result, name, version, ...)  \
  extern result old_##name(__VA_ARGS__); \
  __asm__(".symver old_" #name "," #name "@GLIBC_" version)

OLD(int, pthread_create, "2.2.5", pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
HIDDEN int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*body)(void*),
                          void* argument) {
  return old_pthread_create(thread, attributes, body, argument);
}

OLD(int, pthread_join, "2.2.5", pthread_t, void**);
HIDDEN int pthread_join(pthread_t thread, void** result) {
  return old_pthread_join(thread, result);
}

OLD(int, pthread_detach, "2.2.5", pthread_t);
HIDDEN int pthread_detach(pthread_t thread) { return old_pthread_detach(thread); }

OLD(int, pthread_once, "2.2.5", pthread_once_t*, void (*)(void));
HIDDEN int pthread_once(pthread_once_t* control, void (*routine)(void)) {
  return old_pthread_once(control, routine);
}

// By its other name, for the linker's --wrap (thread_keys.c) would take this reference too.
extern int old_pthread_key_create(pthread_key_t*, void (*)(void*));
__asm__(".symver old_pthread_key_create,__pthread_key_create@GLIBC_2.2.5");
HIDDEN int pthread_key_create(pthread_key_t* key, void (*destructor)(void*)) {
  return old_pthread_key_create(key, destructor);
}
// libstdc++ asks by this name whether there are threads.
HIDDEN int __pthread_key_create(pthread_key_t* key, void (*destructor)(void*)) {
  return old_pthread_key_create(key, destructor);
}

OLD(int, pthread_key_delete, "2.2.5", pthread_key_t);
HIDDEN int pthread_key_delete(pthread_key_t key) { return old_pthread_key_delete(key); }

OLD(void*, pthread_getspecific, "2.2.5", pthread_key_t);
HIDDEN void* pthread_getspecific(pthread_key_t key) { return old_pthread_getspecific(key); }

OLD(int, pthread_setspecific, "2.2.5", pthread_key_t, const void*);
// By another name here, for gcc takes `value`, which the header says is not read, for
// uninitialized.
HIDDEN int new_pthread_setspecific(pthread_key_t key,
                                   const void* value) __asm__("pthread_setspecific");
int new_pthread_setspecific(pthread_key_t key, const void* value) {
  return old_pthread_setspecific(key, value);
}

OLD(int, pthread_sigmask, "2.2.5", int, const sigset_t*, sigset_t*);
HIDDEN int pthread_sigmask(int how, const sigset_t* set, sigset_t* before) {
  return old_pthread_sigmask(how, set, before);
}

OLD(sem_t*, sem_open, "2.2.5", const char*, int, ...);
HIDDEN sem_t* sem_open(const char* name, int flags, ...) {
  va_list more;  // used only if `flags` ask for a new one
  va_start(more, flags);
  const mode_t mode = va_arg(more, mode_t);
  const unsigned value = va_arg(more, unsigned);
  va_end(more);
  return old_sem_open(name, flags, mode, value);
}

OLD(int, sem_close, "2.2.5", sem_t*);
HIDDEN int sem_close(sem_t* semaphore) { return old_sem_close(semaphore); }

OLD(int, sem_unlink, "2.2.5", const char*);
HIDDEN int sem_unlink(const char* name) { return old_sem_unlink(name); }

OLD(int, sem_post, "2.2.5", sem_t*);
HIDDEN int sem_post(sem_t* semaphore) { return old_sem_post(semaphore); }

OLD(int, sem_trywait, "2.2.5", sem_t*);
HIDDEN int sem_trywait(sem_t* semaphore) { return old_sem_trywait(semaphore); }

OLD(int, sem_getvalue, "2.2.5", sem_t*, int*);
HIDDEN int sem_getvalue(sem_t* semaphore, int* value) { return old_sem_getvalue(semaphore, value); }

OLD(int, sem_clockwait, "2.30", sem_t*, clockid_t, const struct timespec*);
HIDDEN int sem_clockwait(sem_t* semaphore, clockid_t clock, const struct timespec* until) {
  return old_sem_clockwait(semaphore, clock, until);
}

// Of x86-64's struct stat there is but one version.
enum { kStatVersion = 1 };

OLD(int, __xstat, "2.2.5", int, const char*, struct stat*);
HIDDEN int stat(const char* path, struct stat* status) {
  return old___xstat(kStatVersion, path, status);
}

OLD(int, __lxstat, "2.2.5", int, const char*, struct stat*);
HIDDEN int lstat(const char* path, struct stat* status) {
  return old___lxstat(kStatVersion, path, status);
}

OLD(int, __fxstat, "2.2.5", int, int, struct stat*);
HIDDEN int fstat(int file, struct stat* status) { return old___fxstat(kStatVersion, file, status); }
HIDDEN int fstat64(int file, struct stat64* status) {
  return old___fxstat(kStatVersion, file, (struct stat*)status);
}

OLD(int, __fxstatat, "2.4", int, int, const char*, struct stat*, int);
HIDDEN int fstatat(int directory, const char* path, struct stat* status, int flags) {
  return old___fxstatat(kStatVersion, directory, path, status, flags);
}

// For libstdc++'s counts of references: a host has threads.
HIDDEN char __libc_single_threaded = 0;

// For std::random_device.
HIDDEN uint32_t arc4random(void) {
  uint32_t number;
  while (getrandom(&number, sizeof number, 0) != (ssize_t)sizeof number) {
  }
  return number;
}

// For the unwinder in libgcc: where the tables are of what holds `address`.
struct Search {
  uintptr_t address;
  struct dl_find_object* found;
};

static int Look(struct dl_phdr_info* object, size_t size, void* data) {
  (void)size;
  const struct Search* search = data;
  uintptr_t start = UINTPTR_MAX, end = 0;
  void* tables = NULL;
  int holds = 0;
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    const ElfW(Phdr)* part = &object->dlpi_phdr[i];
    const uintptr_t at = object->dlpi_addr + part->p_vaddr;
    if (part->p_type == PT_GNU_EH_FRAME) tables = (void*)at;
    if (part->p_type != PT_LOAD) continue;
    if (search->address >= at && search->address < at + part->p_memsz) holds = 1;
    if (at < start) start = at;
    if (at + part->p_memsz > end) end = at + part->p_memsz;
  }
  if (!holds || tables == NULL) return 0;
  search->found->dlfo_flags = 0;
  search->found->dlfo_map_start = (void*)start;
  search->found->dlfo_map_end = (void*)end;
  search->found->dlfo_link_map = NULL;
  search->found->dlfo_eh_frame = tables;
  return 1;
}

HIDDEN int _dl_find_object(void* address, struct dl_find_object* found) {
  struct Search search = {(uintptr_t)address, found};
  return dl_iterate_phdr(Look, &search) == 1 ? 0 : -1;
}

#endif
#endif
