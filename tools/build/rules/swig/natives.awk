# Reads the class of native functions that SWIG makes for Java. Writes the table of
# bindings/java/jni/load.h, which registers them for a class of another package.
# -v package=io/interprocess/

function descriptor(type) {
  if (type == "void") return "V"
  if (type == "boolean") return "Z"
  if (type == "int") return "I"
  if (type == "long") return "J"
  if (type == "byte[]") return "[B"
  if (type == "java.lang.Object") return "Ljava/lang/Object;"
  print "natives.awk: the type " type " of " $0 " is not known" > "/dev/stderr"
  failed = 1
  exit 1
}

/^final class / { class = $3 }

/ static native / {
  sub(/.* static native /, "")
  type = $1
  name = $2
  sub(/\(.*/, "", name)
  sub(/^[^(]*\(/, "")
  sub(/\).*/, "")
  signature = "("
  count = split($0, parameters, /, */)
  for (i = 1; i <= count; ++i) {
    split(parameters[i], words, " ")
    signature = signature descriptor(words[1])
  }
  signature = signature ")" descriptor(type)
  mangled = name
  gsub(/_/, "_1", mangled)
  symbol = package class "_" mangled
  gsub("/", "_", symbol)
  declarations = declarations "JNIEXPORT void JNICALL Java_" symbol "();\n"
  entries = entries "    {const_cast<char*>(\"" name "\"), const_cast<char*>(\"" signature \
      "\"),\n     reinterpret_cast<void*>(&Java_" symbol ")},\n"
  ++natives
}

END {
  if (failed) exit 1
  print "#include \"bindings/java/jni/load.h\"\n"
  print "extern \"C\" {\n" declarations "}\n"
  print "namespace interprocess::face {\n"
  print "const char kNativesClass[] = \"" class "\";"
  print "const char kNativesPackage[] = \"" package "\";"
  print "const JNINativeMethod kNatives[] = {\n" entries "};"
  print "const int kNativesCount = " natives ";\n"
  print "}  // namespace interprocess::face"
}
