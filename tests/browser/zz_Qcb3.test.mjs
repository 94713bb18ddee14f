import "./world.js";
import "./suites/typing.js";
import "./suites/driving.js";
