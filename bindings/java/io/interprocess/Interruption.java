// SPDX-License-Identifier: MIT

package io.interprocess;

import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.channels.spi.AbstractSelector;
import java.util.Set;

/**
 * Passes an interrupt of the thread on to a native call. The JDK calls {@link #wakeup} when a
 * thread is interrupted between a selector's begin and end; some versions may call it a little
 * later. This selector is used for that alone and selects nothing. One call at a time uses it.
 */
abstract class Interruption extends AbstractSelector {
  private boolean inCall; // guarded by this, as is the next
  private boolean raised;

  Interruption() {
    super(null);
  }

  /**
   * Ends the call. Runs in the interrupting thread, or in the caller's if it is interrupted
   * already.
   */
  abstract void raise();

  /** Lets calls wait again after {@link #raise}. */
  abstract void clear();

  /** From here to {@link #leave}, an interrupt of this thread calls {@link #raise}. */
  final void enter() {
    synchronized (this) {
      inCall = true;
      if (raised) {
        raised = false;
        clear();
      }
    }
    begin();
  }

  final void leave() {
    end();
    synchronized (this) {
      inCall = false;
    }
  }

  /** Called by the interrupting thread, or by begin if the interrupt came before. */
  @Override
  public final synchronized Selector wakeup() {
    if (inCall) {
      raised = true;
      raise();
    }
    return this;
  }

  @Override
  protected final void implCloseSelector() {}

  @Override
  protected final SelectionKey register(
      AbstractSelectableChannel channel, int ops, Object attachment) {
    throw new UnsupportedOperationException();
  }

  @Override
  public final Set<SelectionKey> keys() {
    throw new UnsupportedOperationException();
  }

  @Override
  public final Set<SelectionKey> selectedKeys() {
    throw new UnsupportedOperationException();
  }

  @Override
  public final int selectNow() {
    throw new UnsupportedOperationException();
  }

  @Override
  public final int select(long timeout) {
    throw new UnsupportedOperationException();
  }

  @Override
  public final int select() {
    throw new UnsupportedOperationException();
  }
}
