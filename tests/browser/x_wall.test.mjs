import "./world.js";
import "./suites/wall.js";
