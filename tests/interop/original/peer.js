// The original library of the Cloudtoid formats, version 3, as a process: its command line is that
// of ../reference/peer.py, with the add-on's file before it.
//
// peer.js ADD_ON COMMAND PROTOCOL DIRECTORY NAME CAPACITY COUNT
//
// Beside "publish" and "subscribe" it knows "follow": it dequeues until message COUNT-1 has come. It
// may begin with any message, and with message 0 again, for others are killed meanwhile. In between
// each message must follow the one before.
//
// In "publish" and "follow" it says "at N" after N messages, for each N that is a power of two.

'use strict';

const fs = require('fs');
const path = require('path');

const [addOn, command, protocol, directory, name, capacityText, countText] = process.argv.slice(2);
const { Publisher, Subscriber } = require(path.resolve(addOn));
const capacity = Number(capacityText);
const count = Number(countText);
const largest = capacity - 8;

const pattern = Buffer.from(Array.from({ length: 256 + largest }, (_, k) => k & 255));
const scratch = Buffer.alloc(largest);

function sizeOf(index) {
  if (index % 1000 === 999) return largest;
  let mixed = (Math.imul(index, 2654435761) + 12345) >>> 0;
  mixed = (mixed ^ (mixed >>> 15)) >>> 0;
  return mixed % Math.min(1000, largest);
}

// In memory that the next call uses again.
function message(index) {
  const size = sizeOf(index);
  const start = (index * 7) & 255;
  if (size >= 4) scratch.writeUInt32LE(index, 0);
  else for (let k = 0; k < size; ++k) scratch[k] = (index >>> (8 * k)) & 255;
  if (size > 4) pattern.copy(scratch, 4, start, start + size - 4);
  return scratch.subarray(0, size);
}

function say(text) {
  fs.writeSync(1, `${text}\n`);
}
function sayAt(done) {
  if ((done & (done - 1)) === 0) say(`at ${done}`);
}
function fail(text) {
  console.error(`peer.js: ${text}`);
  process.exit(1);
}

const sleeper = new Int32Array(new SharedArrayBuffer(4));
function pause() {
  Atomics.wait(sleeper, 0, 0, 0.05);
}
function receive(subscriber) {
  for (;;) {
    const body = subscriber.tryReceive();
    if (body !== null) return body;
    pause();
  }
}

function publish(publisher) {
  for (let index = 0; index < count; ++index) {
    // Every tenth with another, in a batch.
    if (index % 10 === 0 && index + 1 < count) {
      const batch = [Buffer.from(message(index)), Buffer.from(message(index + 1))];
      const sent = publisher.trySendBatch(batch);
      if (sent === 2) sayAt(++index);
      if (sent > 0) {
        sayAt(index + 1);
        continue;
      }
    }
    while (!publisher.trySend(message(index))) pause();
    sayAt(index + 1);
  }
  say('done');
  fs.readSync(0, Buffer.alloc(1)); // the queue goes with its last participant
}

function subscribe(subscriber) {
  for (let index = 0; index < count; ++index) {
    if (!receive(subscriber).equals(message(index))) fail(`message ${index} differs`);
  }
  if (subscriber.tryReceive() !== null) fail('there are more messages');
  say('done');
}

function follow(subscriber) {
  let received = 0;
  for (let next = -1; next !== count; ) {
    const body = receive(subscriber);
    sayAt(++received);
    if (body.length >= 4) {
      const index = body.readUInt32LE(0);
      if (next >= 0 && index !== next && index !== 0) fail(`message ${index} came for ${next}`);
      next = index;
    } else if (next < 0) {
      continue; // it does not tell which it is
    }
    if (!body.equals(message(next))) fail(`message ${next} differs`);
    ++next;
  }
  say('done');
}

if (protocol !== 'cloudtoid3') fail(`${protocol} is not spoken here`);
const endpoint =
  command === 'publish'
    ? new Publisher(name, capacity, directory)
    : new Subscriber(name, capacity, directory);
say('attached');
if (command === 'publish') publish(endpoint);
else if (command === 'subscribe') subscribe(endpoint);
else if (command === 'follow') follow(endpoint);
else fail('publish, subscribe or follow');
endpoint.close();
