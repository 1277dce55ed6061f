"""What has come of a move: records → rows → report; gantt puts plan, rehearsal and course on one axis."""
