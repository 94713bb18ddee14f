// Recordings: the player and the export. Without this both pages work as lists and forms.

import { startExport } from "./recordings/export.js";
import { startPlayer } from "./recordings/player.js";

const player = document.querySelector("[data-player]");
if (player) startPlayer(player);

const form = document.querySelector("[data-export]");
if (form) startExport(form);
