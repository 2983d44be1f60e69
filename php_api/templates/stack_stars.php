<?php
/**
 * The way from a stack to the light curves of its stars.
 *
 * @var CrowdSky\Stacks\Stack $stack
 * @var list<CrowdSky\LightCurves\FoundStar> $stars the brightest first
 * @var int $variables
 * @var bool $isCalibrated whether the search has looked at the stack
 * @var ?CrowdSky\Accounts\User $user null without a login
 * @var Closure $e
 */
use CrowdSky\Base\Format;
use CrowdSky\Pages\SkyFormat;

?>
<h2>Light curves</h2>
<?php if ($user === null) : ?>
<p><a href="login.php">Log in</a> to see how bright each star of this stack was in all others.</p>
<?php elseif ($stars === []) : ?>
<p>The stars of this stack are not in the archive’s list yet.</p>
<?php else : ?>
<p><?= $variables === 0
    ? ($isCalibrated ? 'No star of this stack is found to vary.' : 'This stack is in no calibration yet, so that nothing can be said about whether its stars vary.')
    : '<a href="variables.php?stack=' . $e($stack->id) . '">' . $e(Format::count($variables, 'variable star', 'variable stars')) . '</a> found in this field.' ?>
    Its brightest stars:</p>
<div class="scroll" role="region" aria-label="Brightest stars" tabindex="0">
<table class="stacked">
    <thead><tr><th>Star</th><th>Position</th><th>Mean</th><th>Stacks</th></tr></thead>
    <tbody>
<?php foreach ($stars as $found) : ?>
        <tr>
            <td data-label="Star"><a href="star.php?id=<?= $e($found->star->id) ?>">Star <?= $e($found->star->id) ?></a></td>
            <td data-label="Position"><?= $e(SkyFormat::rightAscension($found->star->position->ra)) ?><br><?= $e(SkyFormat::declination($found->star->position->dec)) ?></td>
            <td data-label="Mean"><?= $e(SkyFormat::number($found->mean?->mag, 2, 'mag')) ?></td>
            <td data-label="Stacks"><?= $e($found->observations) ?></td>
        </tr>
<?php endforeach ?>
    </tbody>
</table>
</div>
<?php endif ?>
