<?php
/**
 * Stacks as pictures.
 *
 * @var list<CrowdSky\Gallery\GalleryStack> $stacks
 * @var array<int, string> $localStarts  stack id => start in local time, where UTC is not known
 * @var ?CrowdSky\Accounts\User $user
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var CrowdSky\Pages\Texts $texts
 * @var Closure $e
 * @var Closure $time
 */
use CrowdSky\Pages\Figures;

?>
<ul class="cards gallery-cards" data-list>
<?php foreach ($stacks as $stack) : ?>
    <li class="card" data-id="<?= $e($stack->id) ?>" data-bytes="<?= $e($stack->bytes) ?>">
        <a class="picture" href="stack.php?id=<?= $e($stack->id) ?>">
<?php if ($stack->hasThumbnail) : ?>
            <img src="thumbnail.php?id=<?= $e($stack->id) ?>" width="288" height="288" alt="<?= $t('Stack of {object}', ['object' => $stack->object ?? $t('an unnamed object')]) ?>" loading="lazy" decoding="async">
<?php else : ?>
            <span><?= $t('no picture') ?></span>
<?php endif ?>
        </a>
<?php if ($user !== null && !$stack->isDamaged) : ?>
        <label class="pick"><input type="checkbox" name="stack[]" value="<?= $e($stack->id) ?>"><span class="unseen"><?= $t('Select {object}', ['object' => $stack->object ?? $t('an unnamed object')]) ?></span></label>
<?php endif ?>
        <div class="facts">
            <h2><a href="stack.php?id=<?= $e($stack->id) ?>"><?= $stack->object === null ? $t('Unnamed object') : $e($stack->object) ?></a></h2>
            <p><?= isset($localStarts[$stack->id]) ? $e(Figures::localTime($texts, $localStarts[$stack->id])) : $time($stack->start) ?></p>
            <p><?= $t('{time} from {n} of {all} subs', ['time' => Figures::seconds($texts, $stack->exposure), 'n' => $t->number($stack->framesAligned), 'all' => $t->number($stack->framesInput)]) ?></p>
            <p class="tags">
<?php if ($stack->filter !== null) : ?>
                <span><?= $e($stack->filter) ?></span>
<?php endif ?>
<?php if ($stack->seeing !== null) : ?>
                <span><?= $t('stars {width}″', ['width' => $t->number($stack->seeing, 1)]) ?></span>
<?php endif ?>
<?php if ($stack->isSolved === false) : ?>
                <span class="off"><?= $t('not solved') ?></span>
<?php endif ?>
<?php if ($stack->isOwn) : ?>
                <span><?= $stack->isPublic ? $t('public') : $t('private') ?></span>
<?php endif ?>
            </p>
<?php if ($stack->isDamaged) : ?>
            <p class="problem"><?= $t('Damaged in the archive.') ?> <a href="stack.php?id=<?= $e($stack->id) ?>"><?= $t('What to do') ?></a></p>
<?php endif ?>
        </div>
    </li>
<?php endforeach ?>
</ul>
