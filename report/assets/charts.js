// The charts of a report of a run: see window.axbenchCharts at the end.
'use strict';
