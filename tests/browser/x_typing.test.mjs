import "./world.js";
import "./suites/typing.js";
