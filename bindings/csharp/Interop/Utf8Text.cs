using System;
using System.Runtime.InteropServices;
using System.Text;

namespace Interprocess.Interop;

/// <summary>Text for a native call, in UTF-8, and back.</summary>
internal readonly struct Utf8Text : IDisposable
{
    public Utf8Text(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Address = Marshal.AllocHGlobal(bytes.Length + 1);
        Marshal.Copy(bytes, 0, Address, bytes.Length);
        Marshal.WriteByte(Address, bytes.Length, 0);
    }

    /// <summary>Gets where the text is, with a zero at its end.</summary>
    public IntPtr Address { get; }

    /// <summary>The text that a native call returned, whose memory goes.</summary>
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
