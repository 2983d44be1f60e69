<?php
/**
 * The way from a stack to the light curves of its stars.
 *
 * @var CrowdSky\Stacks\Stack $stack
 * @var list<CrowdSky\LightCurves\FoundStar> $stars the brightest first
 * @var int $variables
 * @var bool $isCalibrated whether the search has looked at the stack
 * @var ?CrowdSky\Accounts\User $user null without a login
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var CrowdSky\Pages\Texts $texts
 * @var Closure $e
 */
use CrowdSky\Pages\SkyFormat;

?>
<h2><?= $t('Light curves') ?></h2>
<?php if ($user === null) : ?>
<p><?= $t('<a href="login.php">Log in</a> to see how bright each star of this stack was in all others.') ?></p>
<?php elseif ($stars === []) : ?>
<p><?= $t('The stars of this stack are not in the archive’s list yet.') ?></p>
<?php else : ?>
<p><?= $variables === 0
    ? ($isCalibrated ? $t('No star of this stack is found to vary.') : $t('This stack is in no calibration yet, so that nothing can be said about whether its stars vary.'))
    : $t->count($variables, '<a href="variables.php?stack={id}">{n} variable star</a> found in this field.', '<a href="variables.php?stack={id}">{n} variable stars</a> found in this field.', ['id' => $stack->id]) ?>
    <?= $t('Its brightest stars:') ?></p>
<div class="scroll" role="region" aria-label="<?= $t('Brightest stars') ?>" tabindex="0">
<table class="stacked">
    <thead><tr><th><?= $t('Star') ?></th><th><?= $t('Position') ?></th><th class="number"><?= $t('Mean') ?></th><th class="number"><?= $t('Stacks') ?></th></tr></thead>
    <tbody>
<?php foreach ($stars as $found) : ?>
        <tr>
            <td class="title" data-label="<?= $t('Star') ?>"><a href="star.php?id=<?= $e($found->star->id) ?>"><?= $t('Star {id}', ['id' => $found->star->id]) ?></a></td>
            <td data-label="<?= $t('Position') ?>"><?= $e(SkyFormat::rightAscension($texts, $found->star->position->ra)) ?><br><?= $e(SkyFormat::declination($found->star->position->dec)) ?></td>
            <td class="number" data-label="<?= $t('Mean') ?>"><?= $e(SkyFormat::number($texts, $found->mean?->mag, 2, 'mag')) ?></td>
            <td class="number" data-label="<?= $t('Stacks') ?>"><?= $t->number($found->observations) ?></td>
        </tr>
<?php endforeach ?>
    </tbody>
</table>
</div>
<?php endif ?>
