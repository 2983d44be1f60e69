<?php
/**
 * Where the stack points, or why that is not known.
 *
 * @var ?CrowdSky\Measurements\Measurement $measurement
 * @var Closure $e
 */
use CrowdSky\Pages\SkyFormat;

$solution = $measurement?->solution;
$verdicts = [
    'good' => 'many stars fit closely',
    'fair' => 'fewer stars, or more scatter than a sharp picture has',
    'weak' => 'few stars; only shift, turn and scale were fitted',
    'unverified' => 'not checked against a catalogue',
];
?>
<h2>Solution</h2>
<?php if ($solution !== null) : ?>
<dl class="facts-list">
    <dt>Centre</dt><dd><?= $e(SkyFormat::rightAscension($solution->ra)) ?>, <?= $e(SkyFormat::declination($solution->dec)) ?><br>
        <span class="hint">RA <?= $e(SkyFormat::number($solution->ra, 5, '°')) ?>, Dec <?= $e(sprintf('%+.5F', $solution->dec)) ?>°</span></dd>
    <dt>Field</dt><dd><?= $e(SkyFormat::field($solution->fieldWidth, $solution->fieldHeight)) ?></dd>
    <dt>Scale</dt><dd><?= $e(SkyFormat::number($solution->scale, 3, '″/px')) ?></dd>
    <dt>Rotation</dt><dd><?= $e(SkyFormat::number($solution->rotation, 2, '°')) ?> <span class="hint">of the upward axis, east of north</span></dd>
    <dt>Parity</dt><dd><?= $e(SkyFormat::parity($solution->parity)) ?>
        <span class="hint">with the first row at the bottom, as FITS viewers show it</span></dd>
    <dt>Scatter</dt><dd><?= $e(SkyFormat::number($solution->rms, 2, '″ RMS')) ?><?php if ($solution->matched !== null) : ?>
        over <?= $e($solution->matched) ?> stars<?= $solution->inCatalogue === null ? '' : ' of ' . $e($solution->inCatalogue) ?>
<?= $solution->catalogue === null ? '' : ' in ' . $e($solution->catalogue) ?><?php endif ?></dd>
    <dt>Solver</dt><dd><?= $e($solution->solver) ?><?= $solution->seconds === null ? '' : ', ' . $e(SkyFormat::number($solution->seconds, 2, 's')) ?></dd>
    <dt>Verdict</dt><dd><?= $e($solution->verdict) ?><?php if (isset($verdicts[$solution->verdict])) : ?>
        <span class="hint"><?= $e($verdicts[$solution->verdict]) ?></span><?php endif ?></dd>
</dl>
<?php elseif ($measurement !== null && $measurement->isMissing()) : ?>
<p class="note"><strong>This stack was not measured.</strong>
    <?= $e(ucfirst(preg_replace('/^not measured:\s*/', '', $measurement->unsolvedReason))) ?></p>
<p>That says nothing about the picture. A rescan makes up for it.</p>
<?php elseif ($measurement !== null) : ?>
<p class="note"><strong>This stack could not be solved.</strong>
    <?= $e($measurement->unsolvedReason ?? 'The worker gave no reason.') ?></p>
<p>What to try: look at the picture first. If stars show as points, let another solver try below. Trails, clouds,
    daylight or a covered lens leave nothing to match; such a stack stays as it is, and the next chunk of the
    night may do better.</p>
<?php else : ?>
<p>The worker that made this stack did not measure it. A rescan does.</p>
<?php endif ?>
