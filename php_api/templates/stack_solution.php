<?php
/**
 * Where the stack points, or why that is not known.
 *
 * @var ?CrowdSky\Measurements\Measurement $measurement
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var CrowdSky\Pages\Texts $texts
 * @var Closure $e
 */
use CrowdSky\Pages\SkyFormat;
use CrowdSky\Pages\VerdictWords;

$solution = $measurement?->solution;
$verdicts = [
    'good' => $t('many stars fit closely'),
    'fair' => $t('fewer stars, or more scatter than a sharp picture has'),
    'weak' => $t('few stars; only shift, turn and scale were fitted'),
    'unverified' => $t('not checked against a catalogue'),
];
?>
<h2><?= $t('Solution') ?></h2>
<?php if ($solution !== null) : ?>
<dl class="facts-list">
    <dt><?= $t('Centre') ?></dt><dd><?= $e(SkyFormat::rightAscension($texts, $solution->ra)) ?>, <?= $e(SkyFormat::declination($solution->dec)) ?><br>
        <span class="hint">RA <?= $e(SkyFormat::number($texts, $solution->ra, 5, '°')) ?>, Dec <?= $e(SkyFormat::signed($texts, $solution->dec, 5, '°')) ?></span></dd>
    <dt><?= $t('Field') ?></dt><dd><?= $e(SkyFormat::field($texts, $solution->fieldWidth, $solution->fieldHeight)) ?></dd>
    <dt><?= $t('Scale') ?></dt><dd><?= $e(SkyFormat::number($texts, $solution->scale, 3, '″/px')) ?></dd>
    <dt><?= $t('Rotation') ?></dt><dd><?= $e(SkyFormat::number($texts, $solution->rotation, 2, '°')) ?> <span class="hint"><?= $t('of the upward axis, east of north') ?></span></dd>
    <dt><?= $t('Parity') ?></dt><dd><?= $e($solution->parity < 0 ? $texts->say('as seen on the sky') : $texts->say('mirrored')) ?>
        <span class="hint"><?= $t('with the first row at the bottom, as FITS viewers show it') ?></span></dd>
    <dt><?= $t('Scatter') ?></dt><dd><?= $e(SkyFormat::number($texts, $solution->rms, 2, '″ RMS')) ?><?php if ($solution->matched !== null) : ?>
        <?= $solution->inCatalogue === null
            ? $t('over {n} stars', ['n' => $t->number($solution->matched)])
            : $t('over {n} stars of {all}', ['n' => $t->number($solution->matched), 'all' => $t->number($solution->inCatalogue)]) ?>
<?= $solution->catalogue === null ? '' : ' ' . $t('in {catalogue}', ['catalogue' => $solution->catalogue]) ?><?php endif ?></dd>
    <dt><?= $t('Solver') ?></dt><dd><?= $e($solution->solver) ?><?= $solution->seconds === null ? '' : ', ' . $e(SkyFormat::number($texts, $solution->seconds, 2, 's')) ?></dd>
    <dt><?= $t('Verdict') ?></dt><dd><?= $e(VerdictWords::of($texts, $solution->verdict)) ?><?php if (isset($verdicts[$solution->verdict])) : ?>
        <span class="hint"><?= $verdicts[$solution->verdict] ?></span><?php endif ?></dd>
</dl>
<?php elseif ($measurement !== null && $measurement->isMissing()) : ?>
<p class="note"><strong><?= $t('This stack was not measured.') ?></strong>
    <?= $e(ucfirst($texts->repeat(preg_replace('/^not measured:\s*/', '', $measurement->unsolvedReason)))) ?></p>
<p><?= $t('That says nothing about the picture. A rescan makes up for it.') ?></p>
<?php elseif ($measurement !== null) : ?>
<p class="note"><strong><?= $t('This stack could not be solved.') ?></strong>
    <?= $measurement->unsolvedReason === null ? $t('The worker gave no reason.') : $e($texts->repeat($measurement->unsolvedReason)) ?></p>
<p><?= $t('What to try: look at the picture first. If stars show as points, let another solver try below. Trails, clouds, daylight or a covered lens leave nothing to match; such a stack stays as it is, and the next chunk of the night may do better.') ?></p>
<?php else : ?>
<p><?= $t('The worker that made this stack did not measure it. A rescan does.') ?></p>
<?php endif ?>
