// Hands on what the microphone gives, one channel, as it comes.

class Tap extends AudioWorkletProcessor {
  process([input]) {
    if (input.length > 0) {
      const samples = new Float32Array(input[0].length);
      for (const channel of input) for (let at = 0; at < samples.length; at += 1) samples[at] += channel[at] / input.length;
      this.port.postMessage(samples, [samples.buffer]);
    }
    return true;
  }
}

registerProcessor("tap", Tap);
