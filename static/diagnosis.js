// A diagnosis while it runs: rows change where they stand, then the page takes the finished state. And copies for the ticket.

import { copyFrom } from "./diagnosis/copy.js";
import { follow } from "./diagnosis/follow.js";

const whole = document.querySelector("[data-whole]");
if (whole) follow(whole);
copyFrom(document);
