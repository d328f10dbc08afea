#if NET
// Every native call passes numbers and addresses as they are.
[assembly: System.Runtime.CompilerServices.DisableRuntimeMarshalling]
#endif
