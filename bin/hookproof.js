#!/usr/bin/env node
require('./webhook.js');
