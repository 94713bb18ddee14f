import "./world.js";
import "./suites/faceplates.js";
