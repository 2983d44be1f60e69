<?php
/**
 * Stacks as a table.
 *
 * @var list<CrowdSky\Gallery\GalleryStack> $stacks
 * @var array<int, string> $localStarts  stack id => start in local time, where UTC is not known
 * @var ?CrowdSky\Accounts\User $user
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var CrowdSky\Pages\Texts $texts
 * @var Closure $e
 * @var Closure $time
 */
use CrowdSky\Base\Format;
use CrowdSky\Pages\Figures;
use CrowdSky\Pages\SkyFormat;

?>
<div class="scroll" role="region" aria-label="<?= $t('Stacks') ?>" tabindex="0">
<table class="stacked stacks-table">
    <thead><tr>
<?php if ($user !== null) : ?>
        <th><span class="unseen"><?= $t('Selected') ?></span></th>
<?php endif ?>
        <th><span class="unseen"><?= $t('Picture') ?></span></th>
        <th><?= $t('Object') ?></th>
        <th><?= $t('Begin') ?></th>
        <th><?= $t('Telescope') ?></th>
        <th><?= $t('Filter') ?></th>
        <th class="number"><?= $t('Exposure') ?></th>
        <th class="number"><?= $t('Subs') ?></th>
        <th class="number"><?= $t('Stars') ?></th>
        <th><?= $t('Position in the sky') ?></th>
        <th class="number"><?= $t('Size') ?></th>
    </tr></thead>
    <tbody data-list>
<?php foreach ($stacks as $stack) : ?>
        <tr data-id="<?= $e($stack->id) ?>" data-bytes="<?= $e($stack->bytes) ?>">
<?php if ($user !== null) : ?>
            <td class="pick-cell"><?php if (!$stack->isDamaged) : ?><label class="pick"><input type="checkbox" name="stack[]" value="<?= $e($stack->id) ?>"><span class="unseen"><?= $t('Select {object}', ['object' => $stack->object ?? $t('an unnamed object')]) ?></span></label><?php endif ?></td>
<?php endif ?>
            <td class="small-picture"><a href="stack.php?id=<?= $e($stack->id) ?>">
<?php if ($stack->hasThumbnail) : ?>
                <img src="thumbnail.php?id=<?= $e($stack->id) ?>" width="48" height="48" alt="<?= $t('Stack of {object}', ['object' => $stack->object ?? $t('an unnamed object')]) ?>" loading="lazy" decoding="async">
<?php else : ?>
                <?= $t('no picture') ?>
<?php endif ?>
            </a></td>
            <td class="title" data-label="<?= $t('Object') ?>"><a href="stack.php?id=<?= $e($stack->id) ?>"><?= $stack->object === null ? $t('Unnamed object') : $e($stack->object) ?></a><?= $stack->isDamaged ? '<br>' . $t('Damaged in the archive.') : '' ?></td>
            <td data-label="<?= $t('Begin') ?>"><?= isset($localStarts[$stack->id]) ? $e(Figures::localTime($texts, $localStarts[$stack->id])) : $time($stack->start) ?></td>
            <td data-label="<?= $t('Telescope') ?>"><?= $e($stack->telescope ?? Format::NONE) ?></td>
            <td data-label="<?= $t('Filter') ?>"><?= $e($stack->filter ?? Format::NONE) ?></td>
            <td class="number" data-label="<?= $t('Exposure') ?>"><?= $e(Figures::seconds($texts, $stack->exposure)) ?></td>
            <td class="number" data-label="<?= $t('Subs') ?>"><?= $e($stack->framesAligned) ?>/<?= $e($stack->framesInput) ?></td>
            <td class="number" data-label="<?= $t('Stars') ?>"><?= $e(SkyFormat::number($texts, $stack->seeing, 1, '″')) ?></td>
            <td data-label="<?= $t('Position in the sky') ?>"><?= match ($stack->isSolved) {
                true => $t('solved'),
                false => $t('not solved'),
                null => $t('not measured'),
            } ?></td>
            <td class="number" data-label="<?= $t('Size') ?>"><?= $e(Figures::bytes($texts, $stack->bytes)) ?></td>
        </tr>
<?php endforeach ?>
    </tbody>
</table>
</div>
