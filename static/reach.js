// Reaching people: what each part of its pages adds. Every part works without this.

import { countLetters } from "./reach/counters.js";
import { pickPhones } from "./reach/pick.js";
import { record } from "./reach/record.js";
import { drawCrop } from "./reach/crop.js";
import { follow } from "./reach/follow.js";
import { guardFile } from "./reach/file.js";

for (const field of document.querySelectorAll("[data-most]")) countLetters(field);
for (const part of document.querySelectorAll("[data-pick]")) pickPhones(part);
for (const form of document.querySelectorAll("[data-upload]")) guardFile(form);
for (const part of document.querySelectorAll("[data-recorder]")) record(part);
for (const form of document.querySelectorAll("[data-crop]")) drawCrop(form);
for (const part of document.querySelectorAll("[data-announcement][data-running]")) follow(part);
