// Before anything of ours is loaded: the logger and the metrics read these once, and tests are quiet when green.
process.env.POWERTOOLS_LOG_LEVEL = "SILENT";
process.env.POWERTOOLS_METRICS_DISABLED = "true";
