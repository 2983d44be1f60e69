"""How the stacking benchmark measures, in the words of docs/benchmarks.md."""

METHOD = """\
All tools stack the same files, one after the other in every round, a few seconds apart and with the
files in the page cache. The figures are medians over the rounds. Wall times vary with the load of
the machine, CPU times less so. Memory is the highest peak of the rounds; the cost of a further sub
is computed from the shortest times.

- *Whole process*: from starting the program to its end, with the picture written. Native is
  `python -m worker stack` without plate solving; Siril runs a script (`link`, `preprocess
  -debayer`, `register`, `stack rej 3 3 -norm=addscale -output_norm`); seestarpy runs its
  FrameCollection; seiza its batch stacking with bilinear debayering, and *seiza-best* with the best
  reference, VNG debayering, weights by noise, and a second pass for rejection.
- *Warm*: for native, a job inside a running worker, from handing the task to the worker's warm
  start, which forks a process for it, to the stack on disk; for seestarpy and seiza, the work
  without startup and imports. Siril has no such mode: its whole process counts.
- *Before*: another checkout of this repository that ran in the same rounds (`--against`).

**What is known.** Of synthetic nights every star is. Into all subs, real ones too, faint discs and
streaks are planted before they are stacked, in their raw pixels and with photon noise; into real
subs also stars, three times over, where the transforms of a first stack say that they belong. All
of it goes through debayering, warping, rejection and whatever a program does in the end.

**Depth.** A figure from fixed apertures, or from noise in empty sky, can be moved by smoothing the
finished stack: an earlier column of this page took noise from empty apertures, and smoothing that
spares stars raised it by 20 %. So every object is measured with several weights, narrow and wide,
and what counts is the best linear combination of them, chosen by the objects' own deviations from
truth, never by the object itself (five folds). A mean of 3 x 3 pixels, a mean that spares stars, a
median and sharpening move none of these columns for the better by more than its error; a test
applies them, and `--attack` does so with the stacks of a run.

- *Flux*: scatter of star light about truth, relative, of stars with a signal-to-noise ratio of 4 to
  12, 12 to 40 and above 40 in an ideal stack. The scale is that of the bright ones, so that light
  which faint stars lose counts.
- *Flux, above the best*: by how much the scatter of star light exceeds the least possible one, all
  brightnesses together. The least is that of an estimate from the raw pixels of the subs which
  knows places and profiles of the stars, the sky, the noise, and what trails and defects have
  spoilt; synthetic nights only.
- *Completeness*: share of the stars of ratio 2.5 to 8 that are found when the threshold lets 10
  false detections a night pass, searched with the Gaussian filter that suits the stack best.
- *Place*: scatter of positions along x and y, of stars of ratio 12 to 40. How far a measured
  position moves with its star is found from the same stars, because some debayering makes them
  wider than bright ones.
- *Colour*: scatter of red minus blue about truth, same stars.
- *FWHM by information*: width of a Gaussian star whose place and light scatter as measured, which
  sharpening does not make narrower. *FWHM*, from elliptical Gaussian fits to bright stars, it does.
- *Surface brightness*: scatter about truth, relative, of discs with diameters of 4, 16 and 64 px
  and streaks of 16 and 64 px, each about 12 times its noise in an ideal stack; stars in front of
  them and in the sky beside them are masked, and the sky is that around each of them: a model of
  the whole sky is itself better in a smoothed stack.
- *Chi-square*: mean square of the deviations of star light from truth, in a 5 px aperture of the
  green plane, in units of the errors that VARIANCE and VARCORR state; stars of ratio 4 to 40.
- *Trail light left*: brightness of the satellite trails above their surroundings, minus the same
  along eight parallel lines, whose scatter is the error; 1 means averaged in.
- *Hot pixels left*: the 10 and the 100 brightest, along their paths over the dithered frames, in
  sigma of a pixel.
- *Flux slope, positions*: compared with true magnitudes and true positions (bright stars, median).
- *Wind, mixed*: nights whose subs have stars of different shapes: zero point and slope with
  rejection against the same subs without.
- *Nights*: synthetic sets have further nights with other stars and noise, which all tools stack
  once. The columns of depth are those of all nights together. Other quality targets apply to the
  mean over the nights, weighted by the errors where there are any; times and the other tables are
  those of the first night.

A ratio to the best peer is that of the same objects in both stacks, which share the noise of the
frames; its error is that of the difference. Errors after a ± are statistical; a target missed by
less than twice the error counts as undecided.
"""
