import "./world.js";
import "./suites/driving.js";
