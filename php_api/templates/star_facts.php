<?php
/**
 * @var CrowdSky\Stars\ListedStar $star
 * @var list<CrowdSky\Calibrations\StarCalibration> $means
 * @var ?CrowdSky\Calibrations\StarCalibration $mean of the band that is shown
 * @var ?CrowdSky\Pages\Stars\BandCurve $shown
 * @var ?CrowdSky\Calibrations\Calibration $calibration that the mean is from
 * @var int $series seconds of the parts that are shown; 0 for whole stacks
 * @var Closure $e
 * @var Closure $time
 */
use CrowdSky\Base\Format;
use CrowdSky\LightCurves\Band;
use CrowdSky\Pages\SkyFormat;
use CrowdSky\Pages\Stars\FlagWords;

$doubts = $shown === null ? [] : array_keys(array_filter([
    count($shown->points) - $shown->calibrated() . ' not yet calibrated' => $shown->calibrated() < count($shown->points),
    $shown->flagged() . ' flagged' => $shown->flagged() > 0,
]));
$flags = $mean === null ? [] : FlagWords::ofStar($mean->flags);
?>
<h2>Facts</h2>
<dl class="facts-list">
    <dt>Position</dt><dd><?= $e(SkyFormat::rightAscension($star->position->ra)) ?>, <?= $e(SkyFormat::declination($star->position->dec)) ?><br>
        <span class="hint">RA <?= $e(SkyFormat::number($star->position->ra, 6, '°')) ?>, Dec <?= $e(sprintf('%+.6F', $star->position->dec)) ?>°, ICRS, <?= $e(sprintf('%.1F', $star->positionYear)) ?></span></dd>
    <dt>Gaia</dt><dd><?= $star->gaiaId === null ? 'not known' : 'DR3 ' . $e($star->gaiaId) ?></dd>
<?php if ($shown !== null) : ?>
    <dt>Points</dt><dd><?= $e(count($shown->points)) ?><?= $series === 0 ? '' : ' of series, every ' . $e(Format::seconds($series)) . ',' ?> in <?= $e($shown->band->publicName()) ?>, <?= $e(Format::count($shown->nights(), 'night', 'nights')) ?>
<?php if ($doubts !== []) : ?>
        <span class="hint"><?= $e(implode(', ', $doubts)) ?></span>
<?php endif ?></dd>
<?php if ($series !== 0) : ?>
    <dt>Stated error</dt><dd><?= $e(SkyFormat::number($shown->medianError(), 3, 'mag')) ?> <span class="hint">typical of these points</span></dd>
<?php endif ?>
<?php endif ?>
<?php foreach ($means as $one) : ?>
    <dt>Mean <?= $e(Band::from($one->band)->publicName()) ?></dt><dd><?= $e(SkyFormat::number($one->mag, 3)) ?> ± <?= $e(SkyFormat::number($one->error, 3, 'mag')) ?>
        <span class="hint">of <?= $e($series === 0 ? Format::count($one->epochs, 'point', 'points') : Format::count($one->epochs, 'whole stack', 'whole stacks')) ?></span></dd>
<?php endforeach ?>
<?php if ($mean !== null) : ?>
    <dt>Scatter</dt><dd><?= $e(SkyFormat::number($mean->scatter, 3, 'mag')) ?><?= $series === 0 ? '; stated error ' . $e(SkyFormat::number($shown?->medianError(), 3, 'mag')) : ' of whole stacks' ?>
        <span class="hint"><?= $mean->chi2 === null ? '' : 'reduced chi-square ' . $e(SkyFormat::number($mean->chi2, 2)) ?></span></dd>
    <dt>Colour</dt><dd><?= $mean->colour === null ? 'not known' : $e(sprintf('%+.2F mag', $mean->colour)) . ' <span class="hint">from the reference colour of its calibration</span>' ?></dd>
<?php if ($mean->extra > 0.0) : ?>
    <dt>Extra error</dt><dd><?= $e(SkyFormat::number($mean->extra, 3, 'mag')) ?> <span class="hint">beyond the error model, in each point</span></dd>
<?php endif ?>
<?php endif ?>
    <dt>Flags</dt><dd><?= $mean === null ? 'not known before a calibration' : ($flags === [] ? 'none' : $e(implode('; ', $flags))) ?><?= $series === 0 ? '' : ' <span class="hint">of the star in whole stacks; those of each part are in the table</span>' ?></dd>
<?php if ($calibration !== null) : ?>
    <dt>Calibration</dt><dd><?= $e($calibration->name()) ?> of <?= $time($calibration->createdAt) ?>
        <span class="hint"><?= $calibration->catalogue === null ? 'tied to no catalogue' : 'tied to ' . $e($calibration->catalogue) ?>;
            <?= $e(Format::count($calibration->stars, 'star', 'stars')) ?> in <?= $e(Format::count($calibration->epochs, 'stack', 'stacks')) ?><?= $calibration->ownerId === 0 ? '' : '; with your private stacks, for you alone' ?></span></dd>
<?php else : ?>
    <dt>Calibration</dt><dd>none yet; magnitudes have the zero point of their stack alone</dd>
<?php endif ?>
</dl>
