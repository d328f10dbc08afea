// SPDX-License-Identifier: MIT

using System;
using System.Runtime.InteropServices;
using System.Text;

namespace Interprocess.Interop;

/// <summary>A text for a native call, as UTF-8 that ends with a zero.</summary>
internal readonly struct Utf8Text : IDisposable
{
    public Utf8Text(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Address = Marshal.AllocHGlobal(bytes.Length + 1);
        Marshal.Copy(bytes, 0, Address, bytes.Length);
        Marshal.WriteByte(Address, bytes.Length, 0);
    }

    /// <summary>Gets the address of the text.</summary>
    public IntPtr Address { get; }

    /// <summary>Returns the text that a native call returned, and frees its memory.</summary>
    public static unsafe string Take(IntPtr text)
    {
        if (text == IntPtr.Zero)
        {
            throw new OutOfMemoryException("No memory for a text.");
        }

        byte* bytes = (byte*)text;
        int length = 0;
        while (bytes[length] != 0)
        {
            ++length;
        }

        try
        {
            return Encoding.UTF8.GetString(bytes, length);
        }
        finally
        {
            FaceCalls.FreeText(text);
        }
    }

    public void Dispose() => Marshal.FreeHGlobal(Address);
}
