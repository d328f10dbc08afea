package io.interprocess;

import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.channels.spi.AbstractSelector;
import java.util.Set;

/**
 * Tells native code of an interrupt. The JDK calls back when a thread is interrupted within a
 * selector's begin and end, in some versions a little later too. That is what this uses of a
 * selector, which selects nothing. For one call at a time.
 */
abstract class Interruption extends AbstractSelector {
  private boolean inCall; // guarded by this, as is the next
  private boolean raised;

  Interruption() {
    super(null);
  }

  /** Ends the call: in the thread that interrupts, or in the caller's if it is interrupted already. */
  abstract void raise();

  /** Lets calls wait again after {@link #raise}. */
  abstract void clear();

  /** From here to {@link #leave} an interrupt of this thread is told. */
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

  /** Called by the interrupting thread, and by begin if the interrupt came before. */
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
